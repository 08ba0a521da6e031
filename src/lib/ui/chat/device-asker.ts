import type { AnswerEvent, Question } from '../../p2p/answer-events.ts';
import type { ModelEntry } from '../../models/model-entry.ts';
import { EngineError, type EngineFailure } from '../../protocol/generation.ts';
import type { Finish, Usage } from '../../protocol/job.ts';
import type { LoadedModel, LoadProgress } from '../../worker/engine.ts';
import type { ModelWorker } from '../model-worker.ts';
import type { Asker, ChatEvent } from './chat-events.ts';

export interface DeviceAskerParts {
	model: ModelEntry;
	makeWorker: () => Promise<ModelWorker>;
	threads: () => number;
}

/**
 * Answers on this device: the same worker as a contributor's, and no network for the words. The
 * model is loaded once, at the first question or when `load` is called.
 */
export class DeviceAsker implements Asker {
	readonly #parts: DeviceAskerParts;
	readonly #closed = new AbortController();
	#worker: Promise<ModelWorker> | null = null;
	#loading: Promise<LoadedModel> | null = null;
	#progress: LoadProgress | null = null;
	#progressed: () => void = () => {};

	constructor(parts: DeviceAskerParts) {
		this.#parts = parts;
	}

	/**
	 * Loads the model unless it is loaded; after a failure, anew.
	 *
	 * @throws EngineError
	 */
	load(): Promise<LoadedModel> {
		this.#loading ??= this.#load().catch((error: unknown) => {
			this.#loading = null;
			throw error;
		});
		return this.#loading;
	}

	async *ask(question: Question, signal: AbortSignal): AsyncGenerator<ChatEvent, void> {
		const askedAt = performance.now();
		try {
			const loaded = yield* this.#whileLoading(signal);
			if (loaded === null) return yield doneEvent(new Written(askedAt, '', 0), 'cancelled', null);
			const { digest } = loaded;
			yield { kind: 'queued', contributor: 'this-device', digest, place: 0, waitMs: 0 };
			yield* this.#generate(question, loaded, askedAt, signal);
		} catch (error) {
			yield { kind: 'engine_failed', failure: failureOf(error) };
		}
	}

	close(): void {
		this.#closed.abort();
		void this.#worker?.then((worker) => worker.dispose());
		this.#worker = null;
		this.#loading = null;
	}

	async #load(): Promise<LoadedModel> {
		const { model, threads } = this.#parts;
		this.#worker ??= this.#parts.makeWorker();
		const worker = await this.#worker;
		worker.onFailure(() => (this.#loading = null));
		const result = await worker.load(
			model,
			// It is small enough for any processor, and every device has one.
			{ backend: 'wasm', contextTokens: model.contextTokens, threads: threads() },
			(progress) => {
				this.#progress = progress;
				this.#progressed();
			},
			this.#closed.signal
		);
		if (!result.ok) {
			const { kind, message, field } = result.failure;
			throw new EngineError(kind, message, field);
		}
		return result.model;
	}

	/** @returns `null` if the question was taken back meanwhile; loading goes on */
	async *#whileLoading(signal: AbortSignal): AsyncGenerator<ChatEvent, LoadedModel | null> {
		const loading = this.load();
		const aborted = new Promise<null>((resolve) => {
			if (signal.aborted) resolve(null);
			signal.addEventListener('abort', () => resolve(null), { once: true });
		});
		for (;;) {
			const progressed = new Promise<'progress'>((resolve) => {
				this.#progressed = () => resolve('progress');
			});
			const step = await Promise.race([loading, aborted, progressed]);
			if (step !== 'progress') return step;
			yield { kind: 'loading', progress: this.#progress };
		}
	}

	async *#generate(
		question: Question,
		loaded: LoadedModel,
		askedAt: number,
		signal: AbortSignal
	): AsyncGenerator<ChatEvent, void> {
		const worker = await this.#worker;
		if (!worker) throw new EngineError('cancelled', 'The model was unloaded.');
		const written = new Written(askedAt, loaded.engine, performance.now());
		const { messages, sampling, prefix } = question;
		const request = prefix === undefined ? { messages, sampling } : { messages, sampling, prefix };
		for await (const event of worker.generate(request, signal)) {
			switch (event.kind) {
				case 'prompt':
					yield { kind: 'prompt', promptTokens: event.promptTokens };
					break;
				case 'tokens':
					written.add(event.tokens, event.text);
					yield { kind: 'text', text: event.text, tokens: written.tokens };
					break;
				case 'end':
					return yield doneEvent(written, event.finish, event.usage);
			}
		}
	}
}

/** What was written so far, and when. */
class Written {
	readonly askedAt: number;
	readonly engine: string;
	readonly startedAt: number;
	tokens = 0;
	length = 0;
	firstAt: number | null = null;
	lastAt = 0;

	constructor(askedAt: number, engine: string, startedAt: number) {
		this.askedAt = askedAt;
		this.engine = engine;
		this.startedAt = startedAt;
	}

	add(tokens: number, text: string): void {
		this.tokens += tokens;
		this.length += text.length;
		this.lastAt = performance.now();
		this.firstAt ??= this.lastAt;
	}
}

function doneEvent(written: Written, finish: Finish, usage: Usage | null): AnswerEvent {
	const { tokens, length, engine, askedAt, startedAt, firstAt, lastAt } = written;
	const seconds = firstAt === null ? 0 : (lastAt - firstAt) / 1000;
	return {
		kind: 'done',
		finish,
		usage: usage ?? { promptTokens: 0, completionTokens: 0 },
		timings: {
			queueMs: 0,
			prefillMs: firstAt === null ? 0 : firstAt - startedAt,
			generateMs: seconds * 1000
		},
		parts: [
			{
				contributor: 'this-device',
				engine,
				tokens,
				length,
				coveredLength: 0,
				costNano: 0n,
				// Nobody signs what this device says to itself.
				evidence: null,
				mismatch: null
			}
		],
		costNano: 0n,
		paidNano: 0n,
		connectMs: 0,
		firstTokenMs: firstAt === null ? null : firstAt - askedAt,
		tokensPerSecond: seconds > 0 ? (tokens - 1) / seconds : null,
		path: 'unknown'
	};
}

function failureOf(error: unknown): EngineFailure {
	if (error instanceof EngineError) return error.failure;
	const message = error instanceof Error ? error.message : String(error);
	return { kind: 'engine_failed', message };
}
