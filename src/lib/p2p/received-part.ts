import { brokenOffText } from '../protocol/broken-off.ts';
import { fromBase64Url, toBase64Url, utf8 } from '../protocol/bytes.ts';
import type { FrameOf, JobFrame } from '../protocol/frames.ts';
import { costNano } from '../protocol/amounts.ts';
import { maxPromptTokens } from '../protocol/job.ts';
import type { PartEvidence, Run } from '../protocol/part-evidence.ts';
import { ticketsDigest } from '../protocol/receipt.ts';
import { RunningState, verifyRun } from '../protocol/running-state.ts';
import type { Connection } from './connect.ts';
import type { DueOutcome, PaidPart } from './paid-part.ts';
import { receiptFault } from './receipt-check.ts';

/** A code point that a run's end cut is up to three bytes, a token each, whose text comes later. */
const CUT_CODE_POINT_TOKENS = 3;

/** What the contributor did that it must not do. */
export interface Violation {
	violation: string;
}

const violation = (text: string): Violation => ({ violation: text });

/**
 * One contributor's part of an answer as the requester receives it: counts are checked against the
 * text and every run against its signature, before anything is believed.
 */
export class ReceivedPart {
	readonly connection: Connection;
	readonly job: JobFrame;
	/** How it is paid; `null` for a free job. */
	readonly paid: PaidPart | null;
	readonly #jobText: string;
	readonly #stopBytes: number;
	readonly #askedAt: number;
	#state: RunningState | null = null;
	/** The signature of `#state`. */
	#sig = '';
	#runs: Run[] = [];
	#receipt: string | null = null;
	#runTokens = 0;
	#runText = '';
	#isLastRun = false;
	#bytes = 0;
	#hasLooseText = false;
	text = '';
	tokens = 0;
	promptTokens = 0;
	/** Length of the text that a signed run covers. */
	coveredLength = 0;
	/** Why the receipt that came was not kept. */
	mismatch: string | null = null;

	/** @param jobText the job frame as it was sent */
	constructor(
		connection: Connection,
		job: JobFrame,
		jobText: string,
		paid: PaidPart | null = null
	) {
		this.connection = connection;
		this.job = job;
		this.paid = paid;
		this.#jobText = jobText;
		this.#askedAt = this.#nowMs();
		// While a stop string may be under way its tokens are counted and its text is held back.
		this.#stopBytes = Math.max(0, ...(job.sampling.stop ?? []).map((stop) => utf8(stop).length));
	}

	/** True once the prompt's run is signed: from now on text may come. */
	get isStarted(): boolean {
		return this.#state !== null;
	}

	/** Number of the last signed run; below 0 before the prompt's. */
	get signedRun(): number {
		return this.#state?.seq ?? -1;
	}

	/** What was delivered costs so much, counted by whole runs. */
	get costNano(): bigint {
		return this.#state?.nano ?? 0n;
	}

	/** What was paid on this connection and not delivered. */
	get creditNano(): bigint {
		return this.paid?.creditAfter(this.costNano) ?? this.connection.creditNano;
	}

	/** Bytes that a stop string may be holding back. */
	get heldBackBytes(): number {
		return this.#stopBytes;
	}

	/** Answers a `due` of the contributor's. */
	async due(frame: FrameOf<'due'>): Promise<DueOutcome> {
		if (!this.paid) return { kind: 'cheated', text: 'due for a free job' };
		return this.paid.answer(frame, this.#state);
	}

	async chunk(frame: FrameOf<'chunk'>): Promise<Violation | null> {
		const due = this.#state ? this.#state.seq + 1 : 0;
		// After a resume the contributor repeats what it cannot know to have arrived.
		if (frame.seq < due) return null;
		if (frame.seq > due) return violation(`run ${frame.seq} was closed where ${due} was due`);
		const sig = fromBase64Url(frame.sig);
		const state = await (this.#state ? this.#nextState(frame.tokens) : this.#start(frame.tokens));
		if ('violation' in state) return state;
		if (!sig || !(await verifyRun(this.connection.offer.key, sig, state))) {
			return violation(`the signature of run ${frame.seq} is wrong`);
		}
		if (!this.#state) this.paid?.begin(this.promptTokens);
		this.#isLastRun = this.#state !== null && frame.tokens < this.connection.chunkTokens;
		this.#runs.push({
			tokens: frame.tokens,
			bytes: utf8(this.#runText).length,
			nano: String(state.nano - (this.#state?.nano ?? 0n))
		});
		this.#state = state;
		this.#sig = frame.sig;
		this.#runTokens = 0;
		this.#runText = '';
		this.coveredLength = this.text.length;
		return null;
	}

	/** @returns the text that is new, or what is wrong with it */
	addText(frame: FrameOf<'text'>): { text: string } | Violation {
		if (!this.#state) return violation('text came before the prompt was signed');
		if (frame.from + frame.n <= this.tokens && (frame.n > 0 || this.#hasLooseText)) {
			return { text: '' };
		}
		if (frame.from !== this.tokens)
			return violation(`text from ${frame.from}, ${this.tokens} held`);
		if (this.#isLastRun) return violation('text came after the last run');
		if (this.#runTokens + frame.n > this.connection.chunkTokens) {
			return violation('a run has too many tokens');
		}
		if (this.tokens + frame.n > this.job.sampling.max_tokens) {
			return violation('more tokens than max_tokens');
		}
		this.#hasLooseText ||= frame.n === 0;
		this.tokens += frame.n;
		this.#runTokens += frame.n;
		this.#runText += frame.text;
		this.text += frame.text;
		this.#bytes += utf8(frame.text).length;
		const isTooMuch = this.#bytes > this.job.sampling.max_tokens * 64;
		if (isTooMuch) return violation('more text than its tokens can have made');
		// With tools the text is made at the end, so only `done` can be checked.
		if (!this.job.sampling.tools && this.#countsTooHigh()) {
			return violation('more tokens are counted than the text has bytes');
		}
		return { text: frame.text };
	}

	done(frame: FrameOf<'done'>): Violation | null {
		const { usage } = frame;
		if (this.paid && BigInt(frame.creditNano) !== this.creditNano) {
			return violation(`credit of ${frame.creditNano} nano where ${this.creditNano} are left`);
		}
		if (frame.finish === 'cancelled' && !this.#state) return null;
		if (this.#runTokens > 0 || this.#runText !== '') return violation('the last run is not signed');
		if (usage.completionTokens !== this.tokens || usage.promptTokens !== this.promptTokens) {
			return violation('the usage differs from what was signed');
		}
		return this.#countsTooHigh()
			? violation('more tokens are counted than the text has bytes')
			: null;
	}

	/**
	 * Checks the receipt of a finished job against what was seen, and keeps it if it says the same.
	 * What is wrong otherwise stands in `mismatch`.
	 */
	async takeReceipt(done: FrameOf<'done'>): Promise<void> {
		if (!this.#state) return;
		const { offer, requester, model } = this.connection;
		this.mismatch = await receiptFault({
			contributor: offer.key,
			requester,
			model,
			job: this.job,
			jobText: this.#jobText,
			text: this.text,
			state: this.#state,
			tickets: await ticketsDigest(this.paid?.ticketIds ?? []),
			done,
			askedAt: this.#askedAt,
			endedAt: this.#nowMs()
		});
		if (this.mismatch === null) this.#receipt = done.receipt ?? null;
	}

	/** What proves this part: with its receipt, or with the record of its last signed run. */
	get evidence(): PartEvidence | null {
		const state = this.#state;
		if (!state) return null;
		return {
			job: this.#jobText,
			offer: this.connection.offer.jws,
			runs: [...this.#runs],
			text: this.text,
			entry: this.#receipt ?? this.#record(state)
		};
	}

	#record(state: RunningState): string {
		return brokenOffText({
			key: toBase64Url(this.connection.offer.key),
			job: this.job.id,
			runs: state.seq,
			state: toBase64Url(state.value),
			sig: this.#sig,
			promptTokens: this.promptTokens,
			completionTokens: state.tokens,
			nano: String(state.nano)
		});
	}

	/** The coordinator's clock, as it was when the link was made. */
	#nowMs(): number {
		return Date.now() + this.connection.clockOffsetMs;
	}

	async #start(promptTokens: number): Promise<RunningState | Violation> {
		if (promptTokens > maxPromptTokens(this.job)) return violation('too many prompt tokens');
		const salt = fromBase64Url(this.job.salt);
		if (!salt) throw new TypeError('job.salt: expected base64url');
		this.promptTokens = promptTokens;
		const { jws } = this.connection.offer;
		const nano = this.#priceOf(promptTokens, 0);
		return RunningState.start(salt, this.#jobText, jws, promptTokens, nano);
	}

	async #nextState(tokens: number): Promise<RunningState | Violation> {
		if (tokens !== this.#runTokens) return violation('a run counts other tokens than its text');
		if (this.#isLastRun) return violation('a run came after the last one');
		if (!this.#state) throw new TypeError('run before the prompt');
		const nano = this.#priceOf(this.promptTokens, this.#state.tokens + tokens);
		return this.#state.next(tokens, this.#runText, nano - this.#state.nano);
	}

	#priceOf(promptTokens: number, completionTokens: number): bigint {
		return this.paid ? costNano(this.paid.prices, promptTokens, completionTokens) : 0n;
	}

	#countsTooHigh(): boolean {
		const runs = (this.#state?.seq ?? 0) + 1;
		return this.tokens > this.#bytes + runs + CUT_CODE_POINT_TOKENS + this.#stopBytes;
	}
}
