/** Spaces requests out, so that an endpoint never sees more of them than it allows. */
export class Pacer {
	readonly #spacingMs: number;
	#nextMs = 0;

	constructor(perSecond: number) {
		this.#spacingMs = 1000 / perSecond;
	}

	/**
	 * Takes the next free place: how long to wait for it, or `null` if it would be after `untilMs`. Times
	 * are of a clock that never goes back.
	 */
	reserve(nowMs: number, untilMs: number): number | null {
		const startMs = Math.max(nowMs, this.#nextMs);
		if (startMs > untilMs) return null;
		this.#nextMs = startMs + this.#spacingMs;
		return startMs - nowMs;
	}
}
