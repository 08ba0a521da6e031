/**
 * What an inference engine does for Mulberry. Two implement it, `webllm-engine.ts` and
 * `wllama-engine.ts`, both inside the inference worker; one conformance file tests both.
 */
import type { GenerateEvent, GenerateRequest } from '../protocol/generation.ts';
import type { EngineName, ModelEntry } from '../models/model-entry.ts';

export type Backend = 'webgpu' | 'wasm';

export type LoadProgress =
	/** `speed` in bytes a second over the last seconds; `totalBytes` is 0 while unknown. */
	| { phase: 'download'; loadedBytes: number; totalBytes: number; bytesPerSecond: number }
	| { phase: 'verify'; loadedBytes: number; totalBytes: number }
	| { phase: 'initialise'; fraction: number | null }
	| { phase: 'warm-up' }
	| { phase: 'benchmark' };

export interface LoadOptions {
	/** For wllama: 'wasm' leaves the GPU alone. WebLLM knows WebGPU only. */
	backend: Backend;
	/** Context window in tokens; at most the model's. */
	contextTokens: number;
	/** Threads of the WASM backend; more than one needs cross-origin isolation. */
	threads: number;
}

export interface LoadedModel {
	model: string;
	engine: EngineName;
	engineVersion: string;
	backend: Backend;
	contextTokens: number;
	/** SHA-256 over sorted lines of file hash and path, base64url: the artifact digest. */
	digest: string;
	/** What the short benchmark after loading measured. */
	tokensPerSecond: number;
	prefillTokensPerSecond: number;
}

export interface Engine {
	readonly name: EngineName;
	readonly version: string;
	/**
	 * Downloads what is missing (from where a broken-off download stopped), checks hashes and makes
	 * the model ready to generate. Warm-up and benchmark are the worker's, the same for both engines.
	 *
	 * @throws EngineError
	 */
	load(
		model: ModelEntry,
		options: LoadOptions,
		onProgress: (progress: LoadProgress) => void,
		signal: AbortSignal
	): Promise<{ digest: string; contextTokens: number }>;
	/**
	 * One generation at a time. Nothing is computed ahead of the consumer by more than one batch.
	 * Aborting the signal ends it within one token with `{kind: 'end', finish: 'cancelled'}`.
	 *
	 * @throws EngineError `unsupported` (with the field) or `too_long` before any event; any other
	 * kind later
	 */
	generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
	/** Frees memory and GPU. Idempotent. */
	unload(): Promise<void>;
}
