/** The model in its worker as pages use it, for serving others and for answering on this device. */
import type { ModelEntry } from '../models/model-entry.ts';
import type { EngineFailure, Generator } from '../protocol/generation.ts';
import type { LoadOptions, LoadProgress } from '../worker/engine.ts';
import type { LoadResult } from '../worker/inference-host.ts';

/** `InferenceClient` in the page. */
export interface ModelWorker extends Generator {
	load(
		model: ModelEntry,
		options: LoadOptions,
		onProgress: (progress: LoadProgress) => void,
		signal: AbortSignal
	): Promise<LoadResult>;
	unload(): Promise<void>;
	onFailure(listener: (failure: EngineFailure) => void): () => void;
	dispose(): void;
}

/** More threads than this do not make llama.cpp faster; one core is left for the page. */
const MAX_THREADS = 8;

/** Starts a worker; its code is loaded now and not with the page. */
export async function makeModelWorker(): Promise<ModelWorker> {
	const { InferenceClient } = await import('../worker/inference-client.ts');
	return new InferenceClient();
}

/** How many threads an engine may use here. */
export const usableThreads = () =>
	crossOriginIsolated ? Math.max(1, Math.min(MAX_THREADS, navigator.hardwareConcurrency - 1)) : 1;
