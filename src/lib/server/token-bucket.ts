/**
 * Rate limits. PeerServer's hook is synchronous, and frames must stay in order, so a limiter that
 * answers with a promise (rate-limiter-flexible) does not fit here.
 */

export interface Rate {
	perSecond: number;
	/** How many may come at once after a silence. */
	burst: number;
}

export class TokenBucket {
	readonly #rate: Rate;
	#tokens: number;
	#updatedMs: number;

	constructor(rate: Rate, nowMs: number) {
		this.#rate = rate;
		this.#tokens = rate.burst;
		this.#updatedMs = nowMs;
	}

	/** Takes one token; false if there is none. */
	take(nowMs: number): boolean {
		this.#refill(nowMs);
		if (this.#tokens < 1) return false;
		this.#tokens -= 1;
		return true;
	}

	isFull(nowMs: number): boolean {
		this.#refill(nowMs);
		return this.#tokens >= this.#rate.burst;
	}

	#refill(nowMs: number): void {
		// A clock set back must not take tokens away.
		const elapsedMs = Math.max(0, nowMs - this.#updatedMs);
		this.#updatedMs = nowMs;
		this.#tokens = Math.min(
			this.#rate.burst,
			this.#tokens + (elapsedMs / 1000) * this.#rate.perSecond
		);
	}
}

const MAX_KEYS = 20_000;

/** One bucket a key, such as an address. A full bucket equals none, so those are forgotten. */
export class KeyedBuckets {
	readonly #rate: Rate;
	readonly #buckets = new Map<string, TokenBucket>();
	#sweptMs = 0;

	constructor(rate: Rate) {
		this.#rate = rate;
	}

	get size(): number {
		return this.#buckets.size;
	}

	take(key: string, nowMs: number): boolean {
		this.#sweep(nowMs);
		let bucket = this.#buckets.get(key);
		if (!bucket) {
			this.#dropOldestWhenFull();
			bucket = new TokenBucket(this.#rate, nowMs);
			this.#buckets.set(key, bucket);
		}
		return bucket.take(nowMs);
	}

	#sweep(nowMs: number): void {
		const refillMs = (this.#rate.burst / this.#rate.perSecond) * 1000;
		if (nowMs - this.#sweptMs < refillMs) return;
		this.#sweptMs = nowMs;
		for (const [key, bucket] of this.#buckets) {
			if (bucket.isFull(nowMs)) this.#buckets.delete(key);
		}
	}

	#dropOldestWhenFull(): void {
		if (this.#buckets.size < MAX_KEYS) return;
		const [oldest] = this.#buckets.keys();
		if (oldest !== undefined) this.#buckets.delete(oldest);
	}
}
