/**
 * WebLLM's engine and the few figures that it keeps to itself: its usage comes at the end of an
 * answer and leaves out cached tokens, ours is needed from the first token on.
 */
import {
	MLCEngine,
	type AppConfig,
	type ChatCompletionChunk,
	type Completion,
	type InitProgressReport
} from '@mlc-ai/web-llm';
import { EngineError, type EngineFailure } from '../protocol/generation.ts';
import { within } from './deadline.ts';
import { fromFailure } from './failure.ts';
import { Lifeline } from './lifeline.ts';

/** What is used of WebLLM's `LLMChatPipeline`, private to `MLCEngine`. */
interface Pipeline {
	getCurRoundPrefillTotalTokens(): number;
	getCurRoundDecodingTotalTokens(): number;
	getCurRoundCompletionTotalTokens?(): number;
	filledKVCacheLength?: number;
	tokenizer: { decode(ids: Int32Array): string };
}

export type WebllmChunk = ChatCompletionChunk | Completion;

export class WebllmNative {
	readonly #engine: MLCEngine;
	readonly #modelId: string;
	readonly #lifeline = new Lifeline();
	/** The load under way. */
	#loading: Promise<void> | null = null;

	constructor(
		modelId: string,
		appConfig: AppConfig,
		onProgress: (report: InitProgressReport) => void
	) {
		this.#modelId = modelId;
		this.#engine = new MLCEngine({
			appConfig,
			logLevel: 'SILENT',
			initProgressCallback: onProgress
		});
	}

	get engine(): MLCEngine {
		return this.#engine;
	}

	/** @throws EngineError `cancelled`, what `fail` was told, or what WebLLM threw */
	async load(signal: AbortSignal): Promise<void> {
		this.#loading = this.#engine.reload(this.#modelId);
		await this.wait(this.#loading, signal);
		this.#loading = null;
	}

	/** Waits for a step of WebLLM, but not beyond the signal or a lost GPU. */
	wait<T>(step: Promise<T>, signal: AbortSignal): Promise<T> {
		return within(this.#lifeline.hold(step), { signal });
	}

	/** Ends every wait, now and later: WebLLM itself waits on for a GPU that is gone. */
	fail(failure: EngineFailure): void {
		this.#lifeline.cut(fromFailure(failure));
	}

	/** Tokens of the prompt in the cache now, and how many of them were there before this round. */
	promptFigures(): { promptTokens: number; cachedPromptTokens: number } {
		const pipeline = this.#pipeline();
		const prefilled = pipeline.getCurRoundPrefillTotalTokens();
		const promptTokens = Math.max(prefilled, pipeline.filledKVCacheLength ?? 0);
		return { promptTokens, cachedPromptTokens: promptTokens - prefilled };
	}

	/** Completion tokens of this round so far. */
	completionTokens(): number {
		const pipeline = this.#pipeline();
		// Versions before 0.2.80 count decoding steps only; the first token comes with the prefill.
		return (
			pipeline.getCurRoundCompletionTotalTokens?.() ?? pipeline.getCurRoundDecodingTotalTokens() + 1
		);
	}

	/** Text of tokens, special ones too. */
	textOf(tokens: readonly number[]): string {
		return tokens.length === 0 ? '' : this.#pipeline().tokenizer.decode(Int32Array.from(tokens));
	}

	/** Frees the GPU. */
	async close(): Promise<void> {
		const loading = this.#loading;
		await this.#engine.unload();
		// WebLLM compiles shaders to the end even when aborted; what it loaded by then is freed after.
		loading?.then(() => this.#engine.unload()).catch(() => {});
	}

	#pipeline(): Pipeline {
		const { loadedModelIdToPipeline: pipelines } = this.#engine as unknown as {
			loadedModelIdToPipeline?: Map<string, Pipeline>;
		};
		const pipeline = pipelines?.get(this.#modelId);
		if (pipeline === undefined) {
			throw new EngineError('engine_failed', 'WebLLM has no such model loaded.');
		}
		return pipeline;
	}
}
