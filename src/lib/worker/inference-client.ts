/** The page's side of the inference worker. */
import { transfer } from 'comlink';
import type { ModelEntry } from '../models/model-entry.ts';
import type {
	EngineFailure,
	GenerateEvent,
	GenerateRequest,
	Generator
} from '../protocol/generation.ts';
import { within } from './deadline.ts';
import type { LoadOptions, LoadProgress } from './engine.ts';
import { cancelled, toEngineError, toFailure } from './failure.ts';
import type { LoadResult } from './inference-host.ts';
import { Lifeline } from './lifeline.ts';
import { readStream } from './stream-port.ts';
import { WorkerConnection } from './worker-connection.ts';

export type { LoadResult } from './inference-host.ts';

const PING_EVERY_MS = 10_000;
/** After a cancelled load the worker may tidy up; one that hangs in a compiler is ended instead. */
const CANCEL_GRACE_MS = 3_000;
const UNLOAD_TIMEOUT_MS = 5_000;

/**
 * Runs models in a worker of its own. A worker that dies fails every call under way with
 * `worker_died`, and the next `load` starts a fresh one.
 */
export class InferenceClient implements Generator {
	readonly #pingEveryMs: number;
	readonly #listeners = new Set<(failure: EngineFailure) => void>();
	#connection: WorkerConnection | null;
	#isDisposed = false;

	/** Starts the worker. Any engine's code is loaded by `load` only. */
	constructor(options: { pingEveryMs?: number } = {}) {
		this.#pingEveryMs = options.pingEveryMs ?? PING_EVERY_MS;
		this.#connection = this.#connect();
	}

	/**
	 * Loads a model in place of the one there is, warms it up and measures its speed. Aborting the
	 * signal gives `cancelled`; what was downloaded is kept.
	 */
	async load(
		model: ModelEntry,
		options: LoadOptions,
		onProgress: (progress: LoadProgress) => void,
		signal: AbortSignal
	): Promise<LoadResult> {
		if (this.#isDisposed || signal.aborted) return { ok: false, failure: cancelled().failure };
		const connection = this.#live();
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = ({ data }: MessageEvent<LoadProgress>) => {
			if (!signal.aborted) onProgress(data);
		};
		try {
			const answer = connection.call<LoadResult>(
				connection.api.load(model, options, transfer(port2, [port2]))
			);
			return await this.#cancellable(connection, answer, port1, signal);
		} catch (error) {
			return { ok: false, failure: toFailure(error) };
		} finally {
			port1.onmessage = null;
			port1.close();
		}
	}

	/**
	 * Generates. Aborting the signal ends the answer with `{kind: 'end', finish: 'cancelled'}`.
	 *
	 * @throws EngineError
	 */
	async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
		const connection = this.#live();
		const { port1, port2 } = new MessageChannel();
		// Its answer tells nothing that the stream does not, except that it could not be made at all.
		const uncallable = new Lifeline();
		connection
			.call(connection.api.generate(request, transfer(port2, [port2])))
			.catch((error: unknown) => uncallable.cut(toEngineError(error)));
		yield* readStream<GenerateEvent>(port1, signal, uncallable);
	}

	/** Frees the model's memory. Never rejects: a worker that does not answer is ended. */
	async unload(): Promise<void> {
		const connection = this.#connection;
		if (connection === null || connection.isOver) return;
		try {
			await within(connection.call(connection.api.unload()), { timeoutMs: UNLOAD_TIMEOUT_MS });
		} catch {
			connection.close(cancelled().failure);
		}
	}

	/**
	 * Tells of a dead worker and of an engine that is beyond use (its device lost, its memory full),
	 * whether or not a call was under way.
	 *
	 * @returns removes the listener
	 */
	onFailure(listener: (failure: EngineFailure) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Ends the worker. Calls under way fail with `cancelled`. */
	dispose(): void {
		this.#isDisposed = true;
		this.#connection?.close(cancelled().failure);
		this.#connection = null;
		this.#listeners.clear();
	}

	async #cancellable(
		connection: WorkerConnection,
		answer: Promise<LoadResult>,
		port: MessagePort,
		signal: AbortSignal
	): Promise<LoadResult> {
		try {
			return await within(answer, { signal });
		} catch (error) {
			if (!signal.aborted) throw error;
			port.postMessage('cancel');
			try {
				await within(answer, { timeoutMs: CANCEL_GRACE_MS });
			} catch {
				connection.close(cancelled().failure);
			}
			return { ok: false, failure: cancelled().failure };
		}
	}

	#live(): WorkerConnection {
		if (this.#isDisposed) throw cancelled();
		if (this.#connection === null || this.#connection.isOver) this.#connection = this.#connect();
		return this.#connection;
	}

	#connect(): WorkerConnection {
		return new WorkerConnection(this.#pingEveryMs, (failure) => {
			for (const listener of [...this.#listeners]) listener(failure);
		});
	}
}
