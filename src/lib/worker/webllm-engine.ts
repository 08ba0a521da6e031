/** MLC models on WebLLM: WebGPU only. */
import type { InitProgressReport } from '@mlc-ai/web-llm';
import { version } from '@mlc-ai/web-llm/package.json';
import type { ModelEntry } from '../models/model-entry.ts';
import {
	EngineError,
	type EngineFailure,
	type GenerateEvent,
	type GenerateRequest
} from '../protocol/generation.ts';
import type { Engine, LoadOptions, LoadProgress } from './engine.ts';
import { cancelled, fromFailure, toEngineError } from './failure.ts';
import { watchGpuDevices } from './gpu-watch.ts';
import { requireAdapter } from './requirements.ts';
import { WebllmAnswer } from './webllm-answer.ts';
import { fetchWebllmFiles, weightsBase } from './webllm-artifacts.ts';
import { WebllmNative } from './webllm-native.ts';
import { continuationPrompt, parseTemplate, type ConversationTemplate } from './webllm-prompt.ts';
import { chatRequest, continuationRequest, refuseUnsupported } from './webllm-request.ts';

interface Loaded {
	native: WebllmNative;
	template: ConversationTemplate;
	stopWatching: () => void;
}

export class WebllmEngine implements Engine {
	readonly name = 'webllm';
	readonly version = version;
	readonly #onFailure: (failure: EngineFailure) => void;
	#loaded: Loaded | null = null;
	/** What made the engine unusable. */
	#fatal: EngineFailure | null = null;
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
		if (model.engine !== 'webllm') throw new EngineError('engine_failed', 'This is no MLC model.');
		await this.unload();
		const adapter = await requireAdapter();
		if (options.backend !== 'webgpu' || (model.needsF16 && !adapter.features.has('shader-f16'))) {
			throw new EngineError(
				'no_webgpu',
				options.backend === 'webgpu'
					? 'This model needs 16-bit floats (shader-f16), which this GPU does not have.'
					: 'WebLLM computes on WebGPU only.'
			);
		}
		const { digest, config } = await fetchWebllmFiles(model, onProgress, signal);
		const template = parseTemplate(config);
		const contextTokens = Math.min(options.contextTokens, model.contextTokens);
		const stopWatching = watchGpuDevices((failure) => this.#fail(failure));
		const native = new WebllmNative(model.webllmId, appConfig(model, contextTokens), (report) =>
			onProgress(initialisation(report))
		);
		this.#loaded = { native, template, stopWatching };
		try {
			await native.load(signal);
		} catch (error) {
			const failure = this.#fatal;
			await this.unload();
			throw failure === null ? toEngineError(error) : fromFailure(failure);
		}
		if (signal.aborted) throw cancelled();
		if (this.#fatal !== null) throw fromFailure(this.#fatal);
		return { digest, contextTokens };
	}

	async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
		const loaded = this.#loaded;
		if (loaded === null) throw new EngineError('engine_failed', 'No model is loaded.');
		refuseUnsupported(request);
		await this.#settled;
		if (this.#fatal !== null) throw fromFailure(this.#fatal);
		const { native, template } = loaded;
		const stops = [...(request.sampling.stop ?? []), ...template.stop_str];
		const answer = new WebllmAnswer(native, request, stops, signal);
		try {
			yield* answer.events(() => begin(loaded, request));
		} catch (error) {
			throw this.#fatal === null ? error : fromFailure(this.#fatal);
		} finally {
			this.#settled = answer.settle();
		}
	}

	async unload(): Promise<void> {
		const loaded = this.#loaded;
		this.#loaded = null;
		this.#fatal = null;
		this.#settled = Promise.resolve();
		loaded?.stopWatching();
		await loaded?.native.close();
	}

	#fail(failure: EngineFailure): void {
		if (this.#fatal !== null) return;
		this.#fatal = failure;
		this.#loaded?.native.fail(failure);
		this.#onFailure(failure);
	}
}

function begin({ native, template }: Loaded, request: GenerateRequest) {
	const { engine } = native;
	if (!request.prefix) return engine.chat.completions.create(chatRequest(request));
	const start = native.textOf(template.system_prefix_token_ids ?? []);
	const prompt = continuationPrompt(template, request.messages, start, request.prefix);
	return engine.completions.create(continuationRequest(request, prompt));
}

function appConfig(model: Extract<ModelEntry, { engine: 'webllm' }>, contextTokens: number) {
	return {
		model_list: [
			{
				model: weightsBase(model),
				model_id: model.webllmId,
				model_lib: new URL(model.library.url, self.location.origin).href,
				overrides: { context_window_size: contextTokens }
			}
		]
	};
}

/** All files lie in the cache by then; what is left is reading them and compiling shaders. */
function initialisation({ progress }: InitProgressReport): LoadProgress {
	return { phase: 'initialise', fraction: Math.min(1, Math.max(0, progress)) };
}
