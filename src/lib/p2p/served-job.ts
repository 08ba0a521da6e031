import { fromBase64Url, randomBytes, toBase64Url } from '../protocol/bytes.ts';
import type { Code, Frame, JobFrame } from '../protocol/frames.ts';
import { EngineError, type GenerateEvent, type Generator } from '../protocol/generation.ts';
import type { JobId } from '../protocol/ids.ts';
import type { Finish, Usage } from '../protocol/job.ts';
import { RunningState, signRun } from '../protocol/running-state.ts';
import { HIGH_WATER_BYTES } from './channel.ts';
import type { FinishedJob, JobProgress } from './contributor-events.ts';
import { makeReceipt, type ReceiptContext } from './job-receipt.ts';
import type { Link } from './link.ts';
import { splitTokens, type TokenPiece } from './split-tokens.ts';

/** Tokens a contributor may be ahead of the requester's last `ack`. */
export const WINDOW_TOKENS = 256;
/** Tokens of a fast engine share a frame; none waits longer than this for others. */
const HOLD_TEXT_MS = 30;

export interface ServedJobOptions {
	frame: JobFrame;
	/** The job frame as it was sent: its hash goes into the running state. */
	frameText: string;
	/** The offer (JWS) that this link's terms carried. */
	offer: string;
	chunkTokens: number;
	receipt: ReceiptContext;
	privateKey: CryptoKey;
	generator: Generator;
	onProgress: () => void;
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
	#outputs: Frame[] = [];
	#link: Link | null = null;
	#acked = 0;
	/** Tokens made, and how many of them are in frames already. */
	#tokens = 0;
	#sentTokens = 0;
	#heldText = '';
	#sentAtMs = 0;
	#flushTimer: ReturnType<typeof setTimeout> | undefined;
	#promptTokens = 0;
	#runTokens = 0;
	#runText = '';
	/** Of all closed runs. */
	#text = '';
	#receipt: string | null = null;
	#loose = '';
	#state: RunningState | null = null;
	#brokenBy: Code | null = null;
	#wake: () => void = () => {};

	constructor(options: ServedJobOptions) {
		this.#options = options;
		this.id = options.frame.id;
	}

	get link(): Link | null {
		return this.#link;
	}

	get isEnded(): boolean {
		return this.#endedAt > 0;
	}

	get progress(): JobProgress {
		const seconds = ((this.#endedAt || Date.now()) - this.#promptAt) / 1000;
		return {
			id: this.id,
			startedAt: this.#startedAt || this.#createdAt,
			phase: this.#startedAt === 0 ? 'queued' : this.#state ? 'generating' : 'prefill',
			promptTokens: this.#promptTokens,
			completionTokens: this.#tokens,
			tokensPerSecond: this.#promptAt && seconds > 0 ? this.#tokens / seconds : 0
		};
	}

	/**
	 * Sends by this link from now on, beginning with what the requester lacks.
	 *
	 * @param from completion tokens that the requester holds
	 * @returns false if `from` is not where a text frame ended
	 */
	attach(link: Link, from: number): boolean {
		let next = 0;
		let held = 0;
		while (held < from) {
			const output = this.#outputs[next++];
			if (!output) return false;
			if (output.t === 'text') held = output.from + output.n;
		}
		if (held !== from) return false;
		this.#link = link;
		this.#acked = Math.max(this.#acked, from);
		for (const output of this.#outputs.slice(next)) link.send(output);
		this.#wake();
		return true;
	}

	/** The link is gone; the job goes on until its window is full. */
	detach(): void {
		this.#link = null;
	}

	/** @returns false if more is acknowledged than was sent */
	acknowledge(tokens: number): boolean {
		if (tokens > this.#sentTokens) return false;
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
		this.#options.onProgress();
		return {
			id: this.id,
			startedAt: this.#startedAt,
			endedAt: this.#endedAt,
			promptTokens: this.#promptTokens,
			completionTokens: this.#tokens,
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
		const { frame, frameText, offer } = this.#options;
		const salt = fromBase64Url(frame.salt);
		if (!salt) throw new EngineError('engine_failed', 'salt: not base64url');
		this.#promptAt = Date.now();
		this.#promptTokens = promptTokens;
		this.#state = await RunningState.start(salt, frameText, offer, promptTokens);
		await this.#sendChunk(this.#state, promptTokens);
		this.#options.onProgress();
	}

	async #sendTokens(tokens: number, text: string): Promise<void> {
		// Text without a token waits for the next one: a resume counts in tokens.
		this.#loose += text;
		if (tokens === 0) return;
		const { chunkTokens } = this.#options;
		const room = chunkTokens - this.#runTokens;
		for (const piece of splitTokens(tokens, this.#loose, room, chunkTokens)) {
			await this.#windowFor(piece.tokens);
			if (this.#abort.signal.aborted) return;
			this.#hold(piece);
			if (this.#runTokens === chunkTokens) await this.#closeRun();
			else this.#flushSoon();
		}
		this.#loose = '';
	}

	#hold({ tokens, text }: TokenPiece): void {
		this.#tokens += tokens;
		this.#runTokens += tokens;
		this.#runText += text;
		this.#heldText += text;
	}

	/** At once if nothing was sent for a while, or else together with what comes until then. */
	#flushSoon(): void {
		const waitMs = this.#sentAtMs + HOLD_TEXT_MS - performance.now();
		if (waitMs <= 0) this.#flush();
		else this.#flushTimer ??= setTimeout(() => this.#flush(), waitMs);
	}

	#flush(): void {
		clearTimeout(this.#flushTimer);
		this.#flushTimer = undefined;
		const n = this.#tokens - this.#sentTokens;
		if (n === 0 && this.#heldText === '') return;
		this.#output({ t: 'text', job: this.id, from: this.#sentTokens, n, text: this.#heldText });
		this.#sentTokens = this.#tokens;
		this.#heldText = '';
		this.#sentAtMs = performance.now();
		this.#options.onProgress();
	}

	async #closeRun(): Promise<void> {
		if (!this.#state) throw new EngineError('engine_failed', 'tokens came before the prompt');
		this.#flush();
		const runTokens = this.#runTokens;
		this.#state = await this.#state.next(runTokens, this.#runText);
		this.#text += this.#runText;
		this.#runTokens = 0;
		this.#runText = '';
		await this.#sendChunk(this.#state, runTokens);
	}

	async #sendChunk(state: RunningState, tokens: number): Promise<void> {
		const sig = toBase64Url(await signRun(this.#options.privateKey, state));
		this.#output({ t: 'chunk', job: this.id, seq: state.seq, tokens, sig });
	}

	async #end(event: Extract<GenerateEvent, { kind: 'end' }>): Promise<Finish> {
		if (this.#loose !== '' && !this.#abort.signal.aborted) {
			this.#hold({ tokens: 0, text: this.#loose });
		}
		if (this.#runTokens > 0 || this.#runText !== '') await this.#closeRun();
		const finish = this.#abort.signal.aborted ? 'cancelled' : event.finish;
		const usage = this.#usage(event.usage);
		this.#receipt = await this.#signReceipt(finish, usage);
		this.#output({
			t: 'done',
			job: this.id,
			finish,
			usage,
			timings: {
				queueMs: this.#startedAt - this.#createdAt,
				prefillMs: Math.max(0, this.#promptAt - this.#startedAt),
				generateMs: this.#promptAt ? Date.now() - this.#promptAt : 0
			},
			creditNano: '0',
			...(this.#receipt === null ? {} : { receipt: this.#receipt })
		});
		return finish;
	}

	/** What was sent counts: tokens made after a cancel never left this tab. */
	#usage({ cachedPromptTokens: cached }: Usage): Usage {
		return {
			promptTokens: this.#promptTokens,
			...(cached === undefined ? {} : { cachedPromptTokens: Math.min(cached, this.#promptTokens) }),
			completionTokens: this.#tokens
		};
	}

	/** `null` if it ended before the prompt was read. */
	async #signReceipt(finish: Finish, usage: Usage): Promise<string | null> {
		const { frame, frameText, receipt, privateKey } = this.#options;
		if (!this.#state) return null;
		return makeReceipt(privateKey, receipt, {
			frame,
			frameText,
			text: this.#text,
			state: this.#state,
			usage,
			finish,
			tickets: { count: 0 },
			tookMs: Date.now() - this.#startedAt
		});
	}

	async #refuse(error: unknown): Promise<void> {
		// What was made is the requester's, signed, even if there will be no more.
		if (this.#runTokens > 0) await this.#closeRun();
		const failure = error instanceof EngineError ? error.failure : null;
		const code: Code =
			failure?.kind === 'unsupported' || failure?.kind === 'too_long'
				? failure.kind
				: failure?.kind === 'cancelled'
					? 'cancelled'
					: 'engine_lost';
		this.#brokenBy ??= code;
		const text = failure?.message ?? 'the engine failed';
		const field = failure?.field;
		this.#output({
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
			const link = this.#link;
			if (link && link.channel.bufferedAmount > HIGH_WATER_BYTES) await link.channel.drained();
			else if (this.#tokens + tokens - this.#acked <= WINDOW_TOKENS) return;
			else {
				this.#flush();
				await new Promise<void>((resolve) => (this.#wake = resolve));
			}
		}
	}

	#output(frame: Frame): void {
		this.#outputs.push(frame);
		this.#link?.send(frame);
	}
}
