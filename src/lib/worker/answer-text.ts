import { EngineError, type GenerateEvent } from '../protocol/generation.ts';
import { StopSearch } from './stop-search.ts';

type TokensEvent = Extract<GenerateEvent, { kind: 'tokens' }>;

/**
 * Makes the token batches of an answer out of what an engine gives: counts that only grow and text
 * that lags behind them. Tokens travel with the text that they complete: one without text (half a
 * character, the beginning of a stop string) waits for the next that has some, and no text is left to
 * come after the last token.
 */
export class AnswerText {
	readonly #search: StopSearch;
	readonly #isOpenEnded: boolean;
	#waitingTokens = 0;
	/** Text that may go, but has no token to go with. */
	#waitingText = '';
	/** Half of a surrogate pair. */
	#half = '';
	#completionTokens = 0;

	/**
	 * @param stops stop strings
	 * @param prefix text before the answer that a stop string may begin in
	 * @param isOpenEnded whether `end` may be given text of its own
	 */
	constructor(stops: readonly string[], prefix: string, isOpenEnded = false) {
		this.#search = new StopSearch(stops, prefix);
		this.#isOpenEnded = isOpenEnded;
	}

	/** Whether a stop string has ended the answer. */
	get isStopped(): boolean {
		return this.#search.found;
	}

	/** Tokens given out in batches so far. */
	get completionTokens(): number {
		return this.#completionTokens;
	}

	/** Takes `tokens` more tokens and the text they gave. */
	push(tokens: number, text: string): TokensEvent | null {
		this.#waitingTokens += tokens;
		this.#waitingText += this.#wholeCodePoints(this.#search.push(text));
		const isHolding = this.#isOpenEnded || this.#search.isHolding || this.#half !== '';
		const ready = this.#waitingTokens - (isHolding ? 1 : 0);
		return this.#waitingText === '' || ready < 1 ? null : this.#batch(ready);
	}

	/** The last batch: whatever tokens and text are still waiting, and `closing` after them. */
	end(closing = ''): TokensEvent | null {
		this.#waitingText += this.#half + this.#search.end() + closing;
		return this.#waitingTokens === 0 && this.#waitingText === ''
			? null
			: this.#batch(this.#waitingTokens);
	}

	/** A stop string may cut a surrogate pair only if it holds half of one itself; engines may too. */
	#wholeCodePoints(piece: string): string {
		const text = this.#half + piece;
		const isSplit = /[\uD800-\uDBFF]$/.test(text);
		this.#half = isSplit ? text.slice(-1) : '';
		return isSplit ? text.slice(0, -1) : text;
	}

	#batch(tokens: number): TokensEvent {
		const text = this.#waitingText.toWellFormed();
		this.#waitingTokens -= tokens;
		this.#waitingText = '';
		this.#completionTokens += tokens;
		return { kind: 'tokens', tokens, text };
	}
}

/** Takes an engine's repetition of the prefix off the text that it gives in pieces. */
export class PrefixStripper {
	#expected: string;

	constructor(prefix: string) {
		this.#expected = prefix;
	}

	/**
	 * @returns the part of `piece` that comes after the prefix
	 * @throws EngineError when the engine answers something else than the prefix
	 */
	push(piece: string): string {
		const length = Math.min(piece.length, this.#expected.length);
		if (piece.slice(0, length) !== this.#expected.slice(0, length)) {
			throw new EngineError('engine_failed', 'The engine did not continue the given text.');
		}
		this.#expected = this.#expected.slice(length);
		return piece.slice(length);
	}
}
