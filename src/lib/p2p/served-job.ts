import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import type { Code, FrameOf } from '../protocol/frames.ts';
import { EngineError, type GenerateEvent, type Generator } from '../protocol/generation.ts';
import type { JobId } from '../protocol/ids.ts';
import type { Finish, Usage } from '../protocol/job.ts';
import { HIGH_WATER_BYTES } from './channel.ts';
import type { FinishedJob, JobProgress } from './contributor-events.ts';
import { HeldText } from './held-text.ts';
import { refusalOf } from './job-fault.ts';
import { JobOutputs } from './job-outputs.ts';
import type { Link } from './link.ts';
import { PaidRuns, type PaidRunsOptions } from './paid-runs.ts';
import type { PayFault } from './payments.ts';
import { RunLedger, type RunLedgerOptions } from './run-ledger.ts';
import { splitTokens, type TokenPiece } from './split-tokens.ts';

/** Tokens a contributor may be ahead of the requester's last `ack`. */
export const WINDOW_TOKENS = 256;

export interface ServedJobOptions extends Omit<RunLedgerOptions, 'prices'> {
	chunkTokens: number;
	generator: Generator;
	onProgress: () => void;
	/** How it is paid; absent for a free job. */
	paid?: Omit<PaidRunsOptions, 'job' | 'chunkTokens' | 'maxTokens'>;
}

/**
 * One job on the contributor's side. It outlives the link it came by: everything sent is kept until
 * the job ends, so that another link can take over from any token that the requester still lacks.
 */
export class ServedJob {
	readonly id: JobId;
	readonly resumeToken = toBase64Url(randomBytes(32));
	readonly #options: ServedJobOptions;
	readonly #abort = new AbortController();
	readonly #createdAt = Date.now();
	#startedAt = 0;
	#promptAt = 0;
	#endedAt = 0;
	readonly #outputs = new JobOutputs();
	#acked = 0;
	#receipt: string | null = null;
	readonly #held = new HeldText((from, n, text) => {
		this.#outputs.add({ t: 'text', job: this.id, from, n, text });
		this.#options.onProgress();
	});
	readonly #runs: RunLedger;
	#loose = '';
	#brokenBy: Code | null = null;
	#wake: () => void = () => {};
	readonly #pay: PaidRuns | null;
	/** What was paid and not delivered, for the connection by which the end was told. */
	readonly credit: { nano: bigint };

	constructor(options: ServedJobOptions) {
		this.#options = options;
		this.id = options.frame.id;
		this.#runs = new RunLedger({ ...options, prices: options.paid?.prices ?? null });
		this.credit = { nano: options.paid?.creditNano ?? 0n };
		this.#pay = options.paid ? this.#payOf(options, options.paid) : null;
	}

	get isPaid(): boolean {
		return this.#pay !== null;
	}

	/** The purse that pays it; `null` for a free job. */
	get purse(): string | null {
		return this.#pay?.purse ?? null;
	}

	get link(): Link | null {
		return this.#outputs.link;
	}

	get isEnded(): boolean {
		return this.#endedAt > 0;
	}

	get progress(): JobProgress {
		const seconds = ((this.#endedAt || Date.now()) - this.#promptAt) / 1000;
		return {
			id: this.id,
			startedAt: this.#startedAt || this.#createdAt,
			phase: this.#startedAt === 0 ? 'queued' : this.#runs.isStarted ? 'generating' : 'prefill',
			promptTokens: this.#runs.promptTokens,
			completionTokens: this.#held.tokens,
			tokensPerSecond: this.#promptAt && seconds > 0 ? this.#held.tokens / seconds : 0,
			paidNano: this.#pay?.paidNano ?? null
		};
	}

	/**
	 * Sends by this link from now on, beginning with what the requester lacks.
	 *
	 * @param from completion tokens that the requester holds
	 * @returns false if `from` is not where a text frame ended
	 */
	attach(link: Link, from: number): boolean {
		const isSettled = (due: FrameOf<'due'>) => this.#pay?.isSettled(due) ?? true;
		if (!this.#outputs.attach(link, from, isSettled)) return false;
		this.#acked = Math.max(this.#acked, from);
		this.#pay?.attached();
		this.#wake();
		return true;
	}

	/** A ticket came. @returns what is wrong with it; `unknown` where none was asked for */
	async takeTicket(frame: FrameOf<'ticket'>): Promise<PayFault | 'unknown' | null> {
		return this.#pay ? this.#pay.take(frame) : 'unknown';
	}

	/** The link is gone; the job goes on until its window is full. */
	detach(): void {
		this.#outputs.detach();
	}

	/** @returns false if more is acknowledged than was sent */
	acknowledge(tokens: number): boolean {
		if (tokens > this.#held.sentTokens) return false;
		this.#acked = Math.max(this.#acked, tokens);
		this.#wake();
		return true;
	}

	/** Ends generation within a token. `code` says why, unless the requester asked for it. */
	cancel(code: Code | null): void {
		this.#brokenBy ??= code;
		this.#abort.abort();
		this.#wake();
	}

	/** It will never run. */
	abandon(): void {
		this.#pay?.close(0n);
	}

	/** Generates and sends until the end; never rejects. */
	async run(): Promise<FinishedJob> {
		this.#startedAt = Date.now();
		this.#options.onProgress();
		let finish: Finish = 'cancelled';
		try {
			finish = await this.#generate();
		} catch (error) {
			await this.#refuse(error);
		}
		this.#endedAt = Date.now();
		this.#pay?.close(this.#runs.costNano);
		this.#options.onProgress();
		return {
			id: this.id,
			startedAt: this.#startedAt,
			endedAt: this.#endedAt,
			promptTokens: this.#runs.promptTokens,
			completionTokens: this.#held.tokens,
			pay: this.#pay && { paidNano: this.#pay.paidNano, costNano: this.#runs.costNano },
			receipt: this.#receipt,
			outcome: this.#brokenBy
				? { kind: 'broken', code: this.#brokenBy }
				: { kind: 'finished', finish }
		};
	}

	async #generate(): Promise<Finish> {
		const { frame, generator } = this.#options;
		const { messages, sampling, prefix } = frame;
		const request = prefix === undefined ? { messages, sampling } : { messages, sampling, prefix };
		for await (const event of generator.generate(request, this.#abort.signal)) {
			if (event.kind === 'prompt') await this.#closePrompt(event.promptTokens);
			else if (event.kind === 'tokens') await this.#sendTokens(event.tokens, event.text);
			else return this.#end(event);
		}
		throw new EngineError('engine_failed', 'the engine stopped without an end');
	}

	async #closePrompt(promptTokens: number): Promise<void> {
		this.#promptAt = Date.now();
		this.#outputs.add(await this.#runs.closePrompt(promptTokens));
		this.#options.onProgress();
		await this.#pay?.begin(promptTokens, this.#runs.state);
	}

	async #sendTokens(tokens: number, text: string): Promise<void> {
		// Text without a token waits for the next one: a resume counts in tokens.
		this.#loose += text;
		if (tokens === 0) return;
		const { chunkTokens } = this.#options;
		const room = chunkTokens - this.#runs.tokens;
		for (const piece of splitTokens(tokens, this.#loose, room, chunkTokens)) {
			if (this.#runs.tokens === 0) await this.#pay?.beginRun(this.#runs.state);
			await this.#windowFor(piece.tokens);
			if (this.#abort.signal.aborted) return;
			this.#hold(piece);
			if (this.#runs.tokens === chunkTokens) await this.#closeRun();
			else this.#held.flushSoon();
		}
		this.#loose = '';
	}

	#hold(piece: TokenPiece): void {
		this.#held.add(piece);
		this.#runs.add(piece);
	}

	async #closeRun(): Promise<void> {
		this.#held.flush();
		this.#outputs.add(await this.#runs.close());
	}

	async #end(event: Extract<GenerateEvent, { kind: 'end' }>): Promise<Finish> {
		if (this.#loose !== '' && !this.#abort.signal.aborted) {
			this.#hold({ tokens: 0, text: this.#loose });
		}
		if (this.#runs.isOpen) await this.#closeRun();
		const finish = this.#abort.signal.aborted ? 'cancelled' : event.finish;
		const usage = this.#usage(event.usage);
		await this.#pay?.settle();
		this.#settleCredit();
		this.#receipt = await this.#runs.signReceipt({
			usage,
			finish,
			ticketIds: this.#pay?.ticketIds ?? [],
			tookMs: Date.now() - this.#startedAt
		});
		this.#outputs.add({
			t: 'done',
			job: this.id,
			finish,
			usage,
			timings: {
				queueMs: this.#startedAt - this.#createdAt,
				prefillMs: Math.max(0, this.#promptAt - this.#startedAt),
				generateMs: this.#promptAt ? Date.now() - this.#promptAt : 0
			},
			creditNano: String(this.credit.nano),
			...(this.#receipt === null ? {} : { receipt: this.#receipt })
		});
		return finish;
	}

	/** What was sent counts: tokens made after a cancel never left this tab. */
	#usage({ cachedPromptTokens: cached }: Usage): Usage {
		const { promptTokens } = this.#runs;
		return {
			promptTokens,
			...(cached === undefined ? {} : { cachedPromptTokens: Math.min(cached, promptTokens) }),
			completionTokens: this.#held.tokens
		};
	}

	async #refuse(error: unknown): Promise<void> {
		// What was made is the requester's, signed, even if there will be no more.
		if (this.#runs.tokens > 0) await this.#closeRun();
		this.#settleCredit();
		const { code, text, field } = refusalOf(error);
		this.#brokenBy ??= code;
		this.#outputs.add({
			t: 'refuse',
			job: this.id,
			code,
			...(field === undefined ? {} : { field: field.slice(0, 128) }),
			text: text.slice(0, 500)
		});
	}

	/** Waits until the requester and the channel have room for so many more tokens. */
	async #windowFor(tokens: number): Promise<void> {
		while (!this.#abort.signal.aborted) {
			const { link } = this;
			if (link && link.channel.bufferedAmount > HIGH_WATER_BYTES) await link.channel.drained();
			else if (this.#held.tokens + tokens - this.#acked <= WINDOW_TOKENS) return;
			else {
				this.#held.flush();
				await new Promise<void>((resolve) => (this.#wake = resolve));
			}
		}
	}

	#payOf(options: ServedJobOptions, paid: NonNullable<ServedJobOptions['paid']>): PaidRuns {
		const { frame, chunkTokens } = options;
		const common = { job: frame.id, chunkTokens, maxTokens: frame.sampling.max_tokens };
		return new PaidRuns(
			{ ...paid, ...common },
			{
				output: (due) => this.#outputs.add(due),
				isAttached: () => this.link !== null,
				signal: this.#abort.signal
			}
		);
	}

	#settleCredit(): void {
		if (this.#pay) this.credit.nano = this.#pay.creditAfter(this.#runs.costNano);
	}
}
