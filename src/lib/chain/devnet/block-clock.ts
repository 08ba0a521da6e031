/** The newest block that was stored, and when that was by this machine's clock. */
export interface StoredHead {
	seqno: number;
	/** Unix seconds, the chain's. */
	utime: number;
	/** Unix milliseconds, this machine's. */
	wallMs: number;
}

export interface BlockClockOptions {
	blockMs: number;
	/** How far tests have moved the chain's time ahead of this machine's. */
	shiftMs: number;
	/** `null` for a new chain. */
	stored: StoredHead | null;
	wallMs?: () => number;
	monotonicMs?: () => number;
}

export interface Block {
	seqno: number;
	/** Unix seconds. */
	utime: number;
}

/**
 * Counts blocks by time. An empty block leaves no trace, so none is made: its number is worked out, and a
 * chain that nobody uses costs nothing. Numbers and times never go back, also over a restart or when the
 * machine's clock is set back (then time stands still until it has caught up).
 */
export class BlockClock {
	readonly #blockMs: number;
	readonly #wallMs: () => number;
	readonly #monotonicMs: () => number;
	readonly #startedMs: number;
	readonly #firstSeqno: number;
	#shiftMs: number;
	#utime: number;

	constructor({ blockMs, shiftMs, stored, wallMs, monotonicMs }: BlockClockOptions) {
		this.#blockMs = blockMs;
		this.#wallMs = wallMs ?? Date.now;
		this.#monotonicMs = monotonicMs ?? (() => performance.now());
		this.#startedMs = this.#monotonicMs();
		this.#shiftMs = shiftMs;
		this.#utime = stored?.utime ?? 0;
		const missed = stored ? Math.floor((this.#wallMs() - stored.wallMs) / blockMs) : 0;
		this.#firstSeqno = (stored?.seqno ?? 0) + Math.max(1, missed);
	}

	get shiftMs(): number {
		return this.#shiftMs;
	}

	/** The newest block. */
	head(): Block {
		const elapsedMs = this.#monotonicMs() - this.#startedMs;
		return {
			seqno: this.#firstSeqno + Math.floor(elapsedMs / this.#blockMs),
			utime: this.now()
		};
	}

	/** Unix seconds. */
	now(): number {
		const utime = Math.floor((this.#wallMs() + this.#shiftMs) / 1000);
		this.#utime = Math.max(this.#utime, utime);
		return this.#utime;
	}

	msToNextBlock(): number {
		const elapsedMs = this.#monotonicMs() - this.#startedMs;
		return this.#blockMs - (elapsedMs % this.#blockMs);
	}

	/** Moves the chain's time ahead, for tests. */
	travel(seconds: number): void {
		this.#shiftMs += seconds * 1000;
	}
}
