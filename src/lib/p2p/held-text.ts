import type { TokenPiece } from './split-tokens.ts';

/** Tokens of a fast engine share a frame; none waits longer than this for others. */
const HOLD_TEXT_MS = 30;

/** Text on its way to the requester, a moment behind the engine. */
export class HeldText {
	/** Tokens made, and how many of them are sent. */
	tokens = 0;
	sentTokens = 0;
	readonly #send: (from: number, n: number, text: string) => void;
	#text = '';
	#sentAtMs = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(send: (from: number, n: number, text: string) => void) {
		this.#send = send;
	}

	add({ tokens, text }: TokenPiece): void {
		this.tokens += tokens;
		this.#text += text;
	}

	/** At once if nothing was sent for a while, or else together with what comes until then. */
	flushSoon(): void {
		const waitMs = this.#sentAtMs + HOLD_TEXT_MS - performance.now();
		if (waitMs <= 0) this.flush();
		else this.#timer ??= setTimeout(() => this.flush(), waitMs);
	}

	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const n = this.tokens - this.sentTokens;
		if (n === 0 && this.#text === '') return;
		this.#send(this.sentTokens, n, this.#text);
		this.sentTokens = this.tokens;
		this.#text = '';
		this.#sentAtMs = performance.now();
	}
}
