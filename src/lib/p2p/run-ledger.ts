import { costNano, type Prices } from '../protocol/amounts.ts';
import { fromBase64Url, toBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { FrameOf, JobFrame } from '../protocol/frames.ts';
import { EngineError } from '../protocol/generation.ts';
import type { Finish, Usage } from '../protocol/job.ts';
import { ticketsDigest } from '../protocol/receipt.ts';
import { RunningState, signRun } from '../protocol/running-state.ts';
import { makeReceipt, type ReceiptContext } from './job-receipt.ts';
import type { TokenPiece } from './split-tokens.ts';

export interface RunLedgerOptions {
	frame: JobFrame;
	/** The job frame as it was sent: its hash goes into the running state. */
	frameText: string;
	/** The offer (JWS) that this link's terms carried. */
	offer: string;
	privateKey: CryptoKey;
	/** `null` for a free job. */
	prices: Prices | null;
	receipt: ReceiptContext;
}

/** How a job ended, for its receipt. */
export interface EndedJob {
	usage: Usage;
	finish: Finish;
	/** Of the tickets that paid it, in their order. */
	ticketIds: readonly Bytes[];
	tookMs: number;
}

/** The runs of a served job: what the open one holds, and the signed state of all that are closed. */
export class RunLedger {
	promptTokens = 0;
	/** Tokens of the open run. */
	tokens = 0;
	readonly #options: RunLedgerOptions;
	#text = '';
	/** Of all closed runs. */
	#closedText = '';
	#state: RunningState | null = null;

	constructor(options: RunLedgerOptions) {
		this.#options = options;
	}

	/** Whether the prompt's run is closed. */
	get isStarted(): boolean {
		return this.#state !== null;
	}

	/** Whether something is in the open run. */
	get isOpen(): boolean {
		return this.tokens > 0 || this.#text !== '';
	}

	/** Of the last closed run. @throws EngineError before the prompt's */
	get state(): RunningState {
		if (!this.#state) throw new EngineError('engine_failed', 'tokens came before the prompt');
		return this.#state;
	}

	/** What all closed runs cost. */
	get costNano(): bigint {
		return this.#state?.nano ?? 0n;
	}

	async closePrompt(promptTokens: number): Promise<FrameOf<'chunk'>> {
		const { frame, frameText, offer } = this.#options;
		const salt = fromBase64Url(frame.salt);
		if (!salt) throw new EngineError('engine_failed', 'salt: not base64url');
		this.promptTokens = promptTokens;
		const nano = this.#priceOf(0);
		this.#state = await RunningState.start(salt, frameText, offer, promptTokens, nano);
		return this.#sign(this.#state, promptTokens);
	}

	add({ tokens, text }: TokenPiece): void {
		this.tokens += tokens;
		this.#text += text;
	}

	async close(): Promise<FrameOf<'chunk'>> {
		const { state, tokens } = this;
		const nano = this.#priceOf(state.tokens + tokens) - state.nano;
		this.#state = await state.next(tokens, this.#text, nano);
		this.#closedText += this.#text;
		this.tokens = 0;
		this.#text = '';
		return this.#sign(this.#state, tokens);
	}

	/** The receipt of all closed runs; `null` if the job ended before the prompt was read. */
	async signReceipt({ usage, finish, ticketIds, tookMs }: EndedJob): Promise<string | null> {
		const { frame, frameText, receipt, privateKey } = this.#options;
		if (!this.#state) return null;
		return makeReceipt(privateKey, receipt, {
			...{ frame, frameText, usage, finish, tookMs },
			text: this.#closedText,
			state: this.#state,
			tickets: await ticketsDigest(ticketIds)
		});
	}

	async #sign(state: RunningState, tokens: number): Promise<FrameOf<'chunk'>> {
		const { frame, privateKey } = this.#options;
		const sig = toBase64Url(await signRun(privateKey, state));
		return { t: 'chunk', job: frame.id, seq: state.seq, tokens, sig };
	}

	#priceOf(completionTokens: number): bigint {
		const { prices } = this.#options;
		return prices ? costNano(prices, this.promptTokens, completionTokens) : 0n;
	}
}
