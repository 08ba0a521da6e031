/**
 * Finds stop strings in text that comes in pieces, the same for both engines: they do not agree on
 * whether a stop string may begin in the prefix, and the protocol says that it may.
 */
export class StopSearch {
	readonly #stops: readonly string[];
	/** Text in front of `#held` that a stop string may begin in, but that is not ours to give out. */
	#before: string;
	/** Text not given out yet, because it may be the beginning of a stop string. */
	#held = '';
	#found = false;

	/** @param prefix text before the first piece; searched, never given out */
	constructor(stops: readonly string[], prefix: string) {
		this.#stops = stops;
		this.#before = this.#tail(prefix);
		this.#found = stops.some((stop) => prefix.includes(stop));
	}

	/** Whether a stop string was found; nothing more comes out then. */
	get found(): boolean {
		return this.#found;
	}

	/** Whether text is held back that may be the beginning of a stop string. */
	get isHolding(): boolean {
		return !this.#found && this.#held !== '';
	}

	/** Takes a piece in and gives the text that surely precedes any stop string. */
	push(piece: string): string {
		if (this.#found) return '';
		this.#held += piece;
		const text = this.#before + this.#held;
		const start = firstComplete(text, this.#stops);
		if (start !== null) {
			this.#found = true;
			return this.#release(start - this.#before.length);
		}
		return this.#release(text.length - this.#openLength(text) - this.#before.length);
	}

	/** The end of the text: gives what was held back. */
	end(): string {
		return this.#found ? '' : this.#release(this.#held.length);
	}

	#release(length: number): string {
		const out = this.#held.slice(0, Math.max(0, length));
		this.#before = this.#tail(this.#before + out);
		this.#held = this.#held.slice(out.length);
		return out;
	}

	/** How much of the end of `text` is the beginning of a stop string. */
	#openLength(text: string): number {
		let longest = 0;
		for (const stop of this.#stops) {
			for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
				if (text.endsWith(stop.slice(0, length))) longest = length;
			}
		}
		return longest;
	}

	#tail(text: string): string {
		const longest = Math.max(1, ...this.#stops.map((stop) => stop.length));
		return longest === 1 ? '' : text.slice(1 - longest);
	}
}

/**
 * Where the stop string begins that is complete first, of several the longest. Not the one that
 * begins first: whether that is one would depend on how the text was split.
 */
function firstComplete(text: string, stops: readonly string[]): number | null {
	let start: number | null = null;
	let end = Infinity;
	for (const stop of stops) {
		const at = text.indexOf(stop);
		if (at === -1 || at + stop.length > end) continue;
		start = at + stop.length === end && start !== null ? Math.min(start, at) : at;
		end = at + stop.length;
	}
	return start;
}
