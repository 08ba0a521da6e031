/** Runs work while nobody else in this browser signs for the same purse. */
export type SignerLock = <T>(work: () => Promise<T>) => Promise<T>;

const WAIT_MS = 5_000;

/** One lock for all tabs where the browser has Web Locks, else one for this page. */
export function signerLock(purse: string): SignerLock {
	if (typeof navigator === 'undefined' || !('locks' in navigator)) return pageLock();
	return async (work) => {
		const signal = AbortSignal.timeout(WAIT_MS);
		// Another tab that hangs must not hang this one.
		return await navigator.locks.request(`mulberry-purse-${purse}`, { signal }, work);
	};
}

export function pageLock(): SignerLock {
	let last: Promise<unknown> = Promise.resolve();
	return (work) => {
		const result = last.then(work);
		last = result.catch(() => {});
		return result;
	};
}
