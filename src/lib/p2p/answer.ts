import { toBase64Url, randomBytes } from '../protocol/bytes.ts';
import type { JobFrame } from '../protocol/frames.ts';
import { newJobId, type PeerId } from '../protocol/ids.ts';
import { entryId } from '../protocol/log-entry.ts';
import type { Finish, Timings } from '../protocol/job.ts';
import type { AnswerEvent, AnswerFailure, AnswerPart, Question } from './answer-events.ts';
import type { Connection } from './connect.ts';
import type { Wanted } from './wanted.ts';
import type { PaidPart } from './paid-part.ts';
import { ReceivedPart } from './received-part.ts';

type Done = Extract<AnswerEvent, { kind: 'done' }>;
type Failed = Extract<AnswerEvent, { kind: 'failed' }>;

/** An answer as it grows over one or several contributors, with its clock. */
export class Answer {
	readonly question: Question;
	#parts: ReceivedPart[] = [];
	/** Parts whose text is gone; what they cost is not. */
	#dropped: ReceivedPart[] = [];
	#digest: string | null;
	#askedAt = performance.now();
	#acceptedAt: number | null = null;
	#firstTextAt: number | null = null;
	#lastTextAt: number | null = null;
	#timings: Timings = { queueMs: 0, prefillMs: 0, generateMs: 0 };

	constructor(question: Question) {
		this.question = question;
		this.#digest = question.digest ?? null;
	}

	/** A later part must come from the very same files as the first. */
	get wanted(): Wanted {
		const { model, paid } = this.question;
		return {
			model,
			...(this.#digest === null ? {} : { digest: this.#digest }),
			jobs: paid ? 'paid' : 'free',
			...(paid?.ceiling ? { ceiling: paid.ceiling } : {})
		};
	}

	/** What the tickets of all parts are worth. */
	get paidNano(): bigint {
		return [...this.#dropped, ...this.#parts].reduce(
			(sum, { paid }) => sum + (paid?.paidNano ?? 0n),
			0n
		);
	}

	get text(): string {
		return this.#parts.map((part) => part.text).join('');
	}

	get tokens(): number {
		return this.#parts.reduce((sum, part) => sum + part.tokens, 0);
	}

	/** Whether a receipt of this contributor was not what its job was. */
	hasMismatch(peer: PeerId): boolean {
		return this.#parts.some(
			({ mismatch, connection }) => mismatch !== null && connection.offer.peer === peer
		);
	}

	get isFull(): boolean {
		return this.tokens >= this.question.sampling.max_tokens;
	}

	/** Tool calls and schemas cannot be continued from a text. */
	get isContinuable(): boolean {
		const { response_format: format, tools } = this.question.sampling;
		return !tools && (format === undefined || format.type === 'text');
	}

	/** Throws away what was received; for an answer that has to start anew. */
	startAnew(): void {
		this.#dropped.push(...this.#parts);
		this.#parts = [];
	}

	/** The job that asks a contributor for the rest of the answer. */
	async jobFor(connection: Connection): Promise<JobFrame> {
		const { messages, sampling } = this.question;
		const previous = await this.#previous();
		const prefix = (this.question.prefix ?? '') + this.text;
		return {
			t: 'job',
			id: newJobId(),
			model: connection.model.id,
			digest: connection.model.digest,
			messages: [...messages],
			sampling: { ...sampling, max_tokens: sampling.max_tokens - this.tokens },
			salt: toBase64Url(randomBytes(32)),
			...(prefix === '' ? {} : { prefix }),
			...(prefix === '' || previous === undefined ? {} : { previous }),
			pay: { kind: 'free' }
		};
	}

	begin(
		connection: Connection,
		job: JobFrame,
		jobText: string,
		paid: PaidPart | null
	): ReceivedPart {
		const part = new ReceivedPart(connection, job, jobText, paid);
		this.#parts.push(part);
		return part;
	}

	accepted(part: ReceivedPart): void {
		this.#acceptedAt ??= performance.now();
		this.#digest ??= part.job.digest;
	}

	/** Forgets a part that was refused before it gave anything. */
	drop(part: ReceivedPart): void {
		this.#dropped.push(part);
		this.#parts = this.#parts.filter((other) => other !== part);
	}

	textCame(): void {
		this.#lastTextAt = performance.now();
		this.#firstTextAt ??= this.#lastTextAt;
	}

	addTimings(timings: Timings): void {
		this.#timings = {
			queueMs: this.#timings.queueMs + timings.queueMs,
			prefillMs: this.#timings.prefillMs + timings.prefillMs,
			generateMs: this.#timings.generateMs + timings.generateMs
		};
	}

	async done(finish: Finish, connection: Connection | null): Promise<Done> {
		const first = this.#firstTextAt;
		const seconds = first !== null && this.#lastTextAt ? (this.#lastTextAt - first) / 1000 : 0;
		return {
			kind: 'done',
			finish,
			usage: {
				promptTokens: this.#parts[0]?.promptTokens ?? 0,
				completionTokens: this.tokens
			},
			timings: this.#timings,
			parts: this.parts,
			costNano: this.#costNano,
			paidNano: this.paidNano,
			connectMs: (this.#acceptedAt ?? performance.now()) - this.#askedAt,
			firstTokenMs: first === null ? null : first - this.#askedAt,
			tokensPerSecond: seconds > 0 ? (this.tokens - 1) / seconds : null,
			path: (await connection?.link.channel.path()) ?? 'unknown'
		};
	}

	failed(failure: AnswerFailure): Failed {
		const { parts, paidNano } = this;
		return { kind: 'failed', failure, parts, costNano: this.#costNano, paidNano };
	}

	/** The log entry of the part before, which the next one names. */
	async #previous(): Promise<string | undefined> {
		const evidence = this.#parts.findLast((part) => part.text !== '')?.evidence;
		return evidence ? entryId(evidence.entry) : this.question.previous;
	}

	get parts(): AnswerPart[] {
		return this.#parts.map((part) => ({
			contributor: part.connection.offer.peer,
			engine: part.connection.model.engine,
			tokens: part.tokens,
			length: part.text.length,
			coveredLength: part.coveredLength,
			costNano: part.costNano,
			evidence: part.evidence,
			mismatch: part.mismatch
		}));
	}

	get #costNano(): bigint {
		return [...this.#dropped, ...this.#parts].reduce((sum, part) => sum + part.costNano, 0n);
	}
}
