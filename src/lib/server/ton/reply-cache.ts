/** What an endpoint answered, kept for about a block: until then the chain has nothing new to say. */

interface Entry {
	value: unknown;
	sizeBytes: number;
	expiresMs: number;
}

export interface ReplyCacheLimits {
	ttlMs: number;
	maxBytes: number;
}

export class ReplyCache {
	readonly #limits: ReplyCacheLimits;
	/** Oldest first: all live equally long. */
	readonly #entries = new Map<string, Entry>();
	#sizeBytes = 0;

	constructor(limits: ReplyCacheLimits) {
		this.#limits = limits;
	}

	get sizeBytes(): number {
		return this.#sizeBytes;
	}

	/** In an object of its own, because `undefined` and `null` are values too. */
	get(key: string, nowMs: number): { value: unknown } | null {
		this.#forget(nowMs);
		const entry = this.#entries.get(key);
		return entry ? { value: entry.value } : null;
	}

	set(key: string, value: unknown, sizeBytes: number, nowMs: number): void {
		this.#drop(key);
		this.#entries.set(key, { value, sizeBytes, expiresMs: nowMs + this.#limits.ttlMs });
		this.#sizeBytes += sizeBytes;
		this.#forget(nowMs);
	}

	#forget(nowMs: number): void {
		for (const [key, { expiresMs }] of this.#entries) {
			if (expiresMs > nowMs && this.#sizeBytes <= this.#limits.maxBytes) return;
			this.#drop(key);
		}
	}

	#drop(key: string): void {
		const entry = this.#entries.get(key);
		if (!entry) return;
		this.#entries.delete(key);
		this.#sizeBytes -= entry.sizeBytes;
	}
}
