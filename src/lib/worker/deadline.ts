import { cancelled } from './failure.ts';

/**
 * Waits for `promise`, but not beyond the signal or the deadline. What is left behind runs on, its
 * outcome ignored.
 *
 * @throws EngineError `cancelled` when aborted; what `onTimeout` returns when the time is up
 */
export async function within<T>(
	promise: Promise<T>,
	limits: { signal?: AbortSignal; timeoutMs?: number; onTimeout?: () => Error }
): Promise<T> {
	const { signal, timeoutMs, onTimeout } = limits;
	if (signal?.aborted) {
		promise.catch(() => {});
		throw cancelled();
	}
	const { promise: limit, reject } = Promise.withResolvers<never>();
	const onAbort = () => reject(cancelled());
	signal?.addEventListener('abort', onAbort, { once: true });
	const timer =
		timeoutMs === undefined
			? undefined
			: setTimeout(
					() => reject(onTimeout?.() ?? new Error(`timed out after ${timeoutMs} ms`)),
					timeoutMs
				);
	try {
		return await Promise.race([promise, limit]);
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', onAbort);
		promise.catch(() => {});
	}
}
