/** GGUF models on llama.cpp: on WebGPU, or on the processor where there is none. */
import type { LoadModelParams } from '@wllama/wllama';
import { version } from '@wllama/wllama/package.json';
import { artifactDigest } from '../models/digest.ts';
import { fetchArtifact } from '../models/artifacts.ts';
import type { ModelEntry } from '../models/model-entry.ts';
import {
	EngineError,
	type EngineFailure,
	type GenerateEvent,
	type GenerateRequest
} from '../protocol/generation.ts';
import type { Engine, LoadOptions, LoadProgress } from './engine.ts';
import { cancelled } from './failure.ts';
import { TransferProgress } from './transfer-progress.ts';
import { requireLlamaGpu, requireMemory64 } from './requirements.ts';
import { WllamaAnswer } from './wllama-answer.ts';
import { WllamaNative } from './wllama-native.ts';
import { chatBody } from './wllama-request.ts';

/**
 * Tokens of the prompt computed at once. Between two batches a job can be cancelled, and a processor
 * gains nothing from large ones; a GPU does.
 */
const BATCH_TOKENS = { wasm: 128, webgpu: 512 } as const;
const ALL_LAYERS = 99_999;

export class WllamaEngine implements Engine {
	readonly name = 'wllama';
	readonly version = `${version}+llama.cpp.${WllamaNative.llamaVersion}`;
	readonly #onFailure: (failure: EngineFailure) => void;
	#native: WllamaNative | null = null;
	/** The end of the last generation's clean-up; a new one must not start before. */
	#settled: Promise<void> = Promise.resolve();

	/** @param onFailure told when the loaded engine is beyond use */
	constructor(onFailure: (failure: EngineFailure) => void) {
		this.#onFailure = onFailure;
	}

	async load(
		model: ModelEntry,
		options: LoadOptions,
		onProgress: (progress: LoadProgress) => void,
		signal: AbortSignal
	): Promise<{ digest: string; contextTokens: number }> {
		if (model.engine !== 'wllama') throw new EngineError('engine_failed', 'This is no GGUF model.');
		await this.unload();
		requireMemory64();
		if (options.backend === 'webgpu') await requireLlamaGpu();
		const { files, digest } = await fetchFiles(model, onProgress, signal);
		onProgress({ phase: 'initialise', fraction: null });
		const contextTokens = Math.min(options.contextTokens, model.contextTokens);
		const native = new WllamaNative(this.#onFailure);
		try {
			await native.load(files, nativeParams(options, contextTokens), signal);
		} catch (error) {
			await native.close();
			throw error;
		}
		this.#native = native;
		return { digest, contextTokens };
	}

	async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
		const native = this.#native;
		if (native === null) throw new EngineError('engine_failed', 'No model is loaded.');
		const body = chatBody(request, native.chatTemplate);
		await this.#settled;
		const answer = new WllamaAnswer(native, request, signal);
		try {
			yield* answer.events(body);
		} finally {
			this.#settled = answer.settle();
		}
	}

	async unload(): Promise<void> {
		const native = this.#native;
		this.#native = null;
		this.#settled = Promise.resolve();
		await native?.close();
	}
}

async function fetchFiles(
	model: Extract<ModelEntry, { engine: 'wllama' }>,
	onProgress: (progress: LoadProgress) => void,
	signal: AbortSignal
): Promise<{ files: Blob[]; digest: string }> {
	const progress = new TransferProgress(
		new Map(model.files.map((file) => [file.path, file.sizeBytes])),
		onProgress
	);
	const files: Blob[] = [];
	const hashes: { path: string; sha256: string }[] = [];
	for (const file of model.files) {
		if (signal.aborted) throw cancelled();
		const { blob, sha256 } = await fetchArtifact(
			file,
			(loaded, total, phase) => progress.update(file.path, loaded, total, phase),
			signal
		);
		files.push(blob);
		hashes.push({ path: file.path, sha256 });
	}
	return { files, digest: await artifactDigest(hashes) };
}

function nativeParams(options: LoadOptions, contextTokens: number): LoadModelParams {
	const batch = Math.min(BATCH_TOKENS[options.backend], contextTokens);
	return {
		n_ctx: contextTokens,
		n_gpu_layers: options.backend === 'webgpu' ? ALL_LAYERS : 0,
		n_threads: self.crossOriginIsolated ? Math.max(1, options.threads) : 1,
		n_batch: batch,
		n_ubatch: batch,
		// One job at a time; its cache is all of the memory that was planned for.
		n_parallel: 1,
		// An answer that was broken off goes on elsewhere from its text: llama.cpp cannot do that while
		// a model thinks, and hidden thoughts would be tokens without text.
		reasoning: false,
		reasoning_format: 'none'
	};
}
