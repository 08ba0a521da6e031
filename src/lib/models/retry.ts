/** Waiting between tries: doubled, jittered, capped. */

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 15_000;
/** A host may ask for more patience than that, but not for a coffee break. */
const MAX_RETRY_AFTER_MS = 60_000;

/** How long to wait before try number `tries` (0 for the first repetition): half fixed, half random. */
export function backoffMs(tries: number, random: () => number = Math.random): number {
	const full = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** tries);
	return full / 2 + (random() * full) / 2;
}

/** What a `Retry-After` header asks for (seconds or a date), capped; 0 where it asks for nothing. */
export function retryAfterMs(header: string | null, nowMs = Date.now()): number {
	if (header === null) return 0;
	const asked = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
	return Number.isNaN(asked) ? 0 : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, asked));
}

/** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		if (signal.aborted) return reject(signal.reason);
		const onAbort = () => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', onAbort);
			resolve();
		}, ms);
		signal.addEventListener('abort', onAbort, { once: true });
	});
}
