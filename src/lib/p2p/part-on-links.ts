import { utf8 } from '../protocol/bytes.ts';
import type { Code, Frame, FrameOf } from '../protocol/frames.ts';
import type { Finish } from '../protocol/job.ts';
import type { AnswerEvent, AnswerFailure } from './answer-events.ts';
import type { Answer } from './answer.ts';
import type { Link } from './link.ts';
import type { PayRefusal } from './payments.ts';
import type { ReceivedPart, Violation } from './received-part.ts';
import { ThinTextWatch } from './thin-text.ts';

export interface PartTimeouts {
	/** Until the prompt's run is signed, on top of the wait that `accept` announced. */
	startMs: number;
	/** Until the first text, counted from the signed prompt. */
	firstTextMs: number;
	/** Between texts. */
	textMs: number;
	/** For the end of a cancelled job. */
	cancelMs: number;
}

const TIMEOUTS: PartTimeouts = {
	startMs: 120_000,
	firstTextMs: 20_000,
	textMs: 10_000,
	cancelMs: 2_000
};

const ACK_TOKENS = 64;
const ACK_MS = 250;

/** Refusals that every contributor of this model would repeat. */
const FINAL_REFUSALS: readonly Code[] = ['unsupported', 'too_long'];

/** How a stretch on one link ended. */
export type Stretch =
	| { kind: 'cancelled' }
	| { kind: 'refused'; failure: AnswerFailure; isFinal: boolean }
	| { kind: 'cheated'; text: string }
	| { kind: 'finished'; finish: Finish }
	| { kind: 'unpaid'; refusal: PayRefusal }
	| { kind: 'broken'; code: Code | null; text: string; canResume: boolean };

const stoppedByContributor: Stretch = {
	kind: 'broken',
	code: 'cancelled',
	text: 'the contributor stopped',
	canResume: false
};

export interface PartOnLinksOptions {
	answer: Answer;
	timeouts: Partial<PartTimeouts>;
	signal: AbortSignal;
}

/** The frames of one part, from whatever link they come. */
export class PartOnLinks {
	resumeToken: string | null = null;
	isOver = false;
	readonly #part: ReceivedPart;
	readonly #answer: Answer;
	readonly #signal: AbortSignal;
	readonly #timeouts: PartTimeouts;
	#waitMs = 0;
	#hasText = false;
	#ackedTokens = 0;
	#ackedAt = performance.now();
	#isCancelled = false;
	readonly #thinText: ThinTextWatch | null;

	constructor(part: ReceivedPart, options: PartOnLinksOptions) {
		this.#part = part;
		this.#answer = options.answer;
		this.#signal = options.signal;
		this.#timeouts = { ...TIMEOUTS, ...options.timeouts };
		const { paid, sampling } = options.answer.question;
		// With tools the text is made at the end.
		const expected = sampling.tools ? undefined : paid?.bytesPerToken;
		this.#thinText =
			expected === undefined ? null : new ThinTextWatch(expected, part.heldBackBytes);
	}

	async *follow(link: Link): AsyncGenerator<AnswerEvent, Stretch> {
		this.isOver = false;
		for (;;) {
			const received = await link.next({
				timeoutMs: this.#patienceMs(),
				...(this.#isCancelled ? {} : { signal: this.#signal })
			});
			if (received.kind === 'aborted') {
				this.#isCancelled = true;
				link.send({ t: 'cancel', job: this.#part.job.id });
				continue;
			}
			const stretch =
				received.kind === 'frame'
					? yield* this.#take(received.frame, link)
					: this.#broken(link, received.kind);
			if (!stretch) continue;
			this.isOver = true;
			return stretch;
		}
	}

	async *#take(frame: Frame, link: Link): AsyncGenerator<AnswerEvent, Stretch | null> {
		if ('job' in frame && frame.job !== this.#part.job.id) {
			return this.#cheated(link, `${frame.t} for another job`);
		}
		switch (frame.t) {
			case 'accept':
				return yield* this.#accepted(frame);
			case 'refuse':
				return this.#refused(frame, link);
			case 'chunk':
				return yield* this.#chunk(frame, link);
			case 'text':
				return yield* this.#text(frame, link);
			case 'due':
				return yield* this.#due(frame, link);
			case 'done':
				return yield* this.#done(frame, link);
			case 'cancel':
				return stoppedByContributor;
			case 'terms':
			case 'estimate':
				return null;
			default:
				return this.#cheated(link, `a requester does not expect ${frame.t}`);
		}
	}

	async *#accepted(frame: FrameOf<'accept'>): AsyncGenerator<AnswerEvent, null> {
		this.resumeToken = frame.resume;
		this.#waitMs = frame.waitMs;
		this.#answer.accepted(this.#part);
		const { connection, job } = this.#part;
		const { place, waitMs } = frame;
		const contributor = connection.offer.peer;
		yield { kind: 'queued', contributor, digest: job.digest, place, waitMs };
		return null;
	}

	#refused(frame: FrameOf<'refuse'>, link: Link): Stretch {
		const { code, text, field } = frame;
		if (this.#part.isStarted) {
			link.bye('cancelled', 'the job was given up');
			return { kind: 'broken', code, text, canResume: false };
		}
		link.bye('cancelled', 'refused');
		const failure: AnswerFailure = {
			kind: 'refused',
			code,
			text,
			...(field === undefined ? {} : { field })
		};
		return { kind: 'refused', failure, isFinal: FINAL_REFUSALS.includes(code) };
	}

	async *#chunk(frame: FrameOf<'chunk'>, link: Link): AsyncGenerator<AnswerEvent, Stretch | null> {
		const wasStarted = this.#part.isStarted;
		const fault = await this.#part.chunk(frame);
		if (fault) return this.#cheated(link, fault.violation);
		if (!wasStarted) yield { kind: 'prompt', promptTokens: this.#part.promptTokens };
		else yield { kind: 'covered', parts: this.#answer.parts };
		this.#stopIfUnpaid(link);
		return null;
	}

	async *#due(frame: FrameOf<'due'>, link: Link): AsyncGenerator<AnswerEvent, Stretch | null> {
		// Whoever stops pays no more; a `due` may have been under way.
		if (this.#isCancelled) return null;
		const outcome = await this.#part.due(frame);
		if (outcome.kind === 'cheated') return this.#cheated(link, outcome.text);
		if (outcome.kind === 'refused') {
			this.#stopIfUnpaid(link);
			return null;
		}
		link.send(outcome.frame);
		if (outcome.isNew) yield { kind: 'paid', paidNano: this.#answer.paidNano };
		return null;
	}

	/** What is paid is waited for; then the job ends. */
	#stopIfUnpaid(link: Link): void {
		const { paid, signedRun } = this.#part;
		if (!paid?.refusal || this.#isCancelled || signedRun < paid.lastPaidRun) return;
		this.#isCancelled = true;
		link.send({ t: 'cancel', job: this.#part.job.id });
	}

	async *#text(frame: FrameOf<'text'>, link: Link): AsyncGenerator<AnswerEvent, Stretch | null> {
		const added = this.#part.addText(frame);
		if ('violation' in added) return this.#cheated(link, added.violation);
		this.#hasText = true;
		this.#acknowledge(link);
		if (frame.n === 0 && added.text === '') return null;
		const thin = this.#watchText(frame.n, added.text);
		if (thin) yield thin;
		this.#answer.textCame();
		yield { kind: 'text', text: added.text, tokens: this.#answer.tokens };
		return null;
	}

	/** Something to say where much less text comes a token than should; then nothing more is paid. */
	#watchText(tokens: number, text: string): Extract<AnswerEvent, { kind: 'thin_text' }> | null {
		const { paid } = this.#part;
		const bytesPerToken = this.#thinText?.add(tokens, utf8(text).length) ?? null;
		const expected = this.#answer.question.paid?.bytesPerToken;
		if (bytesPerToken === null || expected === undefined || !paid || paid.refusal) return null;
		paid.refusal = { kind: 'thin_text', bytesPerToken, expected };
		return { kind: 'thin_text', bytesPerToken, expected };
	}

	#acknowledge(link: Link): void {
		const now = performance.now();
		const { tokens } = this.#part;
		if (tokens - this.#ackedTokens < ACK_TOKENS && now - this.#ackedAt < ACK_MS) return;
		this.#ackedTokens = tokens;
		this.#ackedAt = now;
		link.send({ t: 'ack', job: this.#part.job.id, from: tokens });
	}

	async *#done(frame: FrameOf<'done'>, link: Link): AsyncGenerator<AnswerEvent, Stretch> {
		const fault: Violation | null = this.#part.done(frame);
		if (fault) return this.#cheated(link, fault.violation);
		this.#answer.addTimings(frame.timings);
		await this.#part.takeReceipt(frame);
		const { mismatch, connection, paid } = this.#part;
		if (mismatch !== null) {
			yield { kind: 'mismatch', contributor: connection.offer.peer, text: mismatch };
		}
		if (paid?.refusal && frame.finish === 'cancelled') {
			return { kind: 'unpaid', refusal: paid.refusal };
		}
		if (frame.finish === 'cancelled' && !this.#isCancelled) {
			return stoppedByContributor;
		}
		return { kind: 'finished', finish: frame.finish };
	}

	#broken(link: Link, why: 'ended' | 'timeout' | 'refused' | 'aborted'): Stretch {
		if (this.#isCancelled) {
			link.bye('cancelled', 'stopped');
			const refusal = this.#part.paid?.refusal;
			return refusal ? { kind: 'unpaid', refusal } : { kind: 'cancelled' };
		}
		if (why === 'timeout') {
			link.bye('timeout', 'nothing was generated any more');
			return { kind: 'broken', code: 'timeout', text: 'the engine fell silent', canResume: false };
		}
		const { code, text, byPeer } = link.end ?? { code: 'protocol', text: 'job', byPeer: false };
		if (!byPeer) return { kind: 'cheated', text };
		return { kind: 'broken', code, text, canResume: code === null };
	}

	#cheated(link: Link, text: string): Stretch {
		link.bye('protocol', text);
		return { kind: 'cheated', text };
	}

	#patienceMs(): number {
		const { startMs, firstTextMs, textMs, cancelMs } = this.#timeouts;
		if (this.#isCancelled) return cancelMs;
		if (!this.#part.isStarted) return startMs + this.#waitMs;
		return this.#hasText ? textMs : firstTextMs;
	}
}
