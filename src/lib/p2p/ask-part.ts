import type { OfferSource } from '../directory/directory-client.ts';
import type { Code, Frame, FrameOf, JobFrame } from '../protocol/frames.ts';
import type { PeerId } from '../protocol/ids.ts';
import type { Finish } from '../protocol/job.ts';
import type { AnswerEvent, AnswerFailure } from './answer-events.ts';
import type { Answer } from './answer.ts';
import type { Connect, Connection } from './connect.ts';
import type { Link } from './link.ts';
import type { ReceivedPart, Violation } from './received-part.ts';
import { recover } from './recovery.ts';

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

export interface AskPartOptions {
	answer: Answer;
	connection: Connection;
	directory: OfferSource;
	connect: Connect;
	exclude: readonly PeerId[];
	timeouts: Partial<PartTimeouts>;
	signal: AbortSignal;
}

export type PartOutcome =
	| { kind: 'done'; finish: Finish; connection: Connection }
	| { kind: 'cancelled' }
	| { kind: 'refused'; failure: AnswerFailure; isFinal: boolean }
	| { kind: 'lost'; failure: AnswerFailure; next: Connection | null }
	| { kind: 'cheated'; text: string };

/** How a stretch on one link ended. */
type Stretch =
	| Extract<PartOutcome, { kind: 'cancelled' | 'refused' | 'cheated' }>
	| { kind: 'finished'; finish: Finish }
	| { kind: 'broken'; code: Code | null; text: string; canResume: boolean };

const stoppedByContributor: Stretch = {
	kind: 'broken',
	code: 'cancelled',
	text: 'the contributor stopped',
	canResume: false
};

/** One contributor's part of an answer, over as many links as resuming it takes. */
export async function* askPart(options: AskPartOptions): AsyncGenerator<AnswerEvent, PartOutcome> {
	const { answer, connection, signal } = options;
	const isContinuation = answer.text !== '';
	if (isContinuation && !answer.isContinuable) {
		answer.startAnew();
		yield { kind: 'restarted', contributor: connection.offer.peer };
	} else if (isContinuation) yield { kind: 'continued', contributor: connection.offer.peer };
	const job = await answer.jobFor(connection);
	let link = connection.link;
	const jobText = sendJob(link, job);
	if (jobText === null) {
		link.bye('cancelled', 'the question is too long to send');
		const text = 'the question is larger than a frame can be';
		const failure: AnswerFailure = { kind: 'refused', code: 'too_long', text };
		return { kind: 'refused', failure, isFinal: true };
	}
	link.beat = 'job';
	const part = answer.begin(connection, job, jobText);
	const asking = new PartOnLinks(part, options);
	for (;;) {
		let stretch: Stretch;
		try {
			stretch = yield* asking.follow(link);
		} finally {
			// Also when the page stops listening: nobody generates for nobody.
			if (!asking.isOver) link.bye('cancelled', 'the requester left');
		}
		switch (stretch.kind) {
			case 'finished':
				return { kind: 'done', finish: stretch.finish, connection: { ...connection, link } };
			case 'cancelled':
			case 'cheated':
				return stretch;
			case 'refused':
				answer.drop(part);
				return stretch;
		}
		const failure: AnswerFailure = { kind: 'lost', code: stretch.code, text: stretch.text };
		if (signal.aborted) return { kind: 'cancelled' };
		if (part.text !== '') yield { kind: 'interrupted' };
		const recovery = await recover({
			...options,
			part,
			resumeToken: asking.resumeToken ?? '',
			canResume: stretch.canResume && asking.resumeToken !== null
		});
		if (signal.aborted) {
			if (recovery.kind === 'resumed') recovery.link.bye('cancelled', 'stopped');
			if (recovery.kind === 'next') recovery.connection.link.bye('cancelled', 'stopped');
			return { kind: 'cancelled' };
		}
		if (recovery.kind !== 'resumed') {
			return { kind: 'lost', failure, next: recovery.kind === 'next' ? recovery.connection : null };
		}
		link = recovery.link;
		yield { kind: 'resumed', contributor: connection.offer.peer };
	}
}

/** The job's text as it was sent, or null where it is too large for a frame. */
function sendJob(link: Link, job: JobFrame): string | null {
	try {
		return link.send(job);
	} catch (error) {
		if (error instanceof RangeError) return null;
		throw error;
	}
}

/** The frames of one part, from whatever link they come. */
class PartOnLinks {
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

	constructor(part: ReceivedPart, options: AskPartOptions) {
		this.#part = part;
		this.#answer = options.answer;
		this.#signal = options.signal;
		this.#timeouts = { ...TIMEOUTS, ...options.timeouts };
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
		return null;
	}

	async *#text(frame: FrameOf<'text'>, link: Link): AsyncGenerator<AnswerEvent, Stretch | null> {
		const added = this.#part.addText(frame);
		if ('violation' in added) return this.#cheated(link, added.violation);
		this.#hasText = true;
		this.#acknowledge(link);
		if (frame.n === 0 && added.text === '') return null;
		this.#answer.textCame();
		yield { kind: 'text', text: added.text, tokens: this.#answer.tokens };
		return null;
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
		const { mismatch, connection } = this.#part;
		if (mismatch !== null) {
			yield { kind: 'mismatch', contributor: connection.offer.peer, text: mismatch };
		}
		if (frame.finish === 'cancelled' && !this.#isCancelled) {
			return {
				kind: 'broken',
				code: 'cancelled',
				text: 'the contributor stopped',
				canResume: false
			};
		}
		return { kind: 'finished', finish: frame.finish };
	}

	#broken(link: Link, why: 'ended' | 'timeout' | 'refused' | 'aborted'): Stretch {
		if (this.#isCancelled) {
			link.bye('cancelled', 'stopped');
			return { kind: 'cancelled' };
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
