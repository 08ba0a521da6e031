/** What runs in the inference worker: one engine at a time, one call at a time. */
import type { EngineName, ModelEntry } from '../models/model-entry.ts';
import {
	EngineError,
	type EngineFailure,
	type GenerateEvent,
	type GenerateRequest
} from '../protocol/generation.ts';
import { within } from './deadline.ts';
import type { Engine, LoadedModel, LoadOptions, LoadProgress } from './engine.ts';
import { cancelled, toFailure } from './failure.ts';
import { measureSpeed, warmUp } from './measure.ts';
import { serveStream } from './stream-port.ts';

const UNLOAD_TIMEOUT_MS = 3_000;

export type LoadResult = { ok: true; model: LoadedModel } | { ok: false; failure: EngineFailure };

/** Loads an engine's code and makes one that tells `onFailure` when it is beyond use. */
export type MakeEngine = (
	name: EngineName,
	onFailure: (failure: EngineFailure) => void
) => Promise<Engine>;

export class InferenceHost {
	readonly #makeEngine: MakeEngine;
	readonly #tellFailure: (failure: EngineFailure) => void;
	#engine: Engine | null = null;
	/** The end of everything asked for so far. */
	#queue: Promise<unknown> = Promise.resolve();
	/** Stops the generation that is running. */
	#running: AbortController | null = null;

	constructor(makeEngine: MakeEngine, tellFailure: (failure: EngineFailure) => void) {
		this.#makeEngine = makeEngine;
		this.#tellFailure = tellFailure;
	}

	/** Says that the thread is alive. */
	ping(): void {}

	/**
	 * Loads a model in place of the one there is, warms it up and measures it.
	 *
	 * @param port takes `LoadProgress` out and anything in as the wish to cancel; closed at the end
	 */
	async load(model: ModelEntry, options: LoadOptions, port: MessagePort): Promise<LoadResult> {
		const controller = new AbortController();
		port.onmessage = () => controller.abort();
		this.#running?.abort();
		try {
			return await this.#enqueue(() =>
				this.#load(model, options, (progress) => port.postMessage(progress), controller.signal)
			);
		} finally {
			port.onmessage = null;
			port.close();
		}
	}

	/** Serves the events of one generation on the port, by the rules of `serveStream`. */
	async generate(request: GenerateRequest, port: MessagePort): Promise<void> {
		await this.#enqueue(() => {
			const running = new AbortController();
			this.#running = running;
			return serveStream(port, (signal) => this.#generate(request, signal), running.signal);
		});
	}

	/** Stops what is running and frees the engine. */
	async unload(): Promise<void> {
		this.#running?.abort();
		await this.#enqueue(() => this.#unload());
	}

	async #load(
		model: ModelEntry,
		options: LoadOptions,
		onProgress: (progress: LoadProgress) => void,
		signal: AbortSignal
	): Promise<LoadResult> {
		try {
			await this.#unload();
			if (signal.aborted) throw cancelled();
			// While it loads, a failure is the load's own result.
			let isLoaded = false;
			const engine = await this.#makeEngine(model.engine, (failure) => {
				if (isLoaded) this.#tellFailure(failure);
			});
			this.#engine = engine;
			const { digest, contextTokens } = await engine.load(model, options, onProgress, signal);
			onProgress({ phase: 'warm-up' });
			await warmUp(engine, signal);
			onProgress({ phase: 'benchmark' });
			const speed = await measureSpeed(engine, contextTokens, signal);
			isLoaded = true;
			return {
				ok: true,
				model: {
					model: model.id,
					engine: engine.name,
					engineVersion: engine.version,
					backend: options.backend,
					contextTokens,
					digest,
					...speed
				}
			};
		} catch (error) {
			await this.#unload();
			return { ok: false, failure: signal.aborted ? cancelled().failure : toFailure(error) };
		}
	}

	async *#generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
		if (this.#engine === null) throw new EngineError('engine_failed', 'No model is loaded.');
		yield* this.#engine.generate(request, signal);
	}

	async #unload(): Promise<void> {
		const engine = this.#engine;
		this.#engine = null;
		try {
			if (engine) await within(engine.unload(), { timeoutMs: UNLOAD_TIMEOUT_MS });
		} catch {
			// The engine is let go of either way; one whose GPU is gone may wait for it for ever.
		}
	}

	#enqueue<T>(task: () => Promise<T>): Promise<T> {
		const run = this.#queue.then(task);
		this.#queue = run.catch(() => {});
		return run;
	}
}
