const WINDOW_TOKENS = 64;

/**
 * Watches how much text comes a token. A contributor that counts tokens which it does not make, or makes
 * them of next to nothing, stays far below what its model writes elsewhere.
 */
export class ThinTextWatch {
	readonly #expected: number;
	/** Bytes that may be held back while a stop string is looked for. */
	readonly #slackBytes: number;
	#pieces: { tokens: number; bytes: number }[] = [];
	#tokens = 0;
	#bytes = 0;

	/** @param bytesPerToken the catalogue's figure for the model */
	constructor(bytesPerToken: number, slackBytes: number) {
		this.#expected = bytesPerToken;
		this.#slackBytes = slackBytes;
	}

	/** @returns the figure over the last 64 tokens if it is under half of what was expected, else `null` */
	add(tokens: number, bytes: number): number | null {
		this.#pieces.push({ tokens, bytes });
		this.#tokens += tokens;
		this.#bytes += bytes;
		for (let first = this.#pieces[0]; first; first = this.#pieces[0]) {
			if (this.#tokens - first.tokens < WINDOW_TOKENS) break;
			this.#pieces.shift();
			this.#tokens -= first.tokens;
			this.#bytes -= first.bytes;
		}
		if (this.#tokens < WINDOW_TOKENS) return null;
		const found = (this.#bytes + this.#slackBytes) / this.#tokens;
		return found < this.#expected / 2 ? found : null;
	}
}
