import { EngineError, type GenerateEvent, type GenerateRequest } from '../protocol/generation.ts';
import type { Finish } from '../protocol/job.ts';
import { AnswerText } from './answer-text.ts';
import { toEngineError, toFailure } from './failure.ts';
import { unsupported } from './unsupported.ts';
import type { WebllmChunk, WebllmNative } from './webllm-native.ts';

/** One generation of WebLLM: each pull computes one token. */
export class WebllmAnswer {
	readonly #native: WebllmNative;
	readonly #signal: AbortSignal;
	readonly #text: AnswerText;
	#chunks: AsyncIterator<WebllmChunk> | null = null;
	#prompt: ReturnType<WebllmNative['promptFigures']> | null = null;
	#completionTokens = 0;
	#finish: Finish | null = null;
	/** The step under way; it cannot be interrupted, only left alone. */
	#pending: Promise<unknown> = Promise.resolve();

	/** @param stops of the request and of the model's template */
	constructor(
		native: WebllmNative,
		request: GenerateRequest,
		stops: readonly string[],
		signal: AbortSignal
	) {
		this.#native = native;
		this.#signal = signal;
		this.#text = new AnswerText(stops, request.prefix ?? '');
	}

	async *events(start: () => Promise<AsyncIterable<WebllmChunk>>): AsyncGenerator<GenerateEvent> {
		try {
			this.#chunks = (await start())[Symbol.asyncIterator]();
			while (this.#finish === null) yield* this.#step(await this.#next(this.#chunks));
		} catch (error) {
			if (!this.#signal.aborted || toFailure(error).kind !== 'cancelled') throw named(error);
			this.#finish = 'cancelled';
		}
		const last = this.#text.end();
		if (last !== null) yield last;
		yield {
			kind: 'end',
			finish: this.#finish,
			usage: {
				promptTokens: this.#prompt?.promptTokens ?? 0,
				cachedPromptTokens: this.#prompt?.cachedPromptTokens ?? 0,
				completionTokens: this.#text.completionTokens
			}
		};
	}

	/** Lets WebLLM come to its end, which frees its lock, once the step under way is done. */
	async settle(): Promise<void> {
		try {
			await this.#native.engine.interruptGenerate();
			await this.#pending;
			while (this.#chunks !== null && !(await this.#chunks.next()).done);
		} catch {
			// Whatever broke the engine has been thrown by `events` or told to `onFailure`.
		}
	}

	*#step(result: IteratorResult<WebllmChunk, unknown>): Generator<GenerateEvent> {
		if (result.done) {
			this.#finish = 'stop';
			return;
		}
		const [choice] = result.value.choices;
		if (choice === undefined) return;
		if (this.#prompt === null) {
			this.#prompt = this.#native.promptFigures();
			yield { kind: 'prompt', ...this.#prompt };
		}
		const total = this.#native.completionTokens();
		const text = 'text' in choice ? choice.text : (choice.delta.content ?? '');
		const batch = this.#text.push(total - this.#completionTokens, text);
		this.#completionTokens = total;
		if (batch !== null) yield batch;
		if (this.#text.isStopped) this.#finish = 'stop';
		else if (choice.finish_reason)
			this.#finish = choice.finish_reason === 'length' ? 'length' : 'stop';
	}

	#next(chunks: AsyncIterator<WebllmChunk>): Promise<IteratorResult<WebllmChunk, unknown>> {
		const step = chunks.next();
		this.#pending = step.catch(() => {});
		return this.#native.wait(step, this.#signal);
	}
}

/** WebLLM's errors are known by their names. */
function named(error: unknown): EngineError {
	const name = error instanceof Error ? error.name : '';
	if (name === 'ContextWindowSizeExceededError') {
		return new EngineError('too_long', error instanceof Error ? error.message : name);
	}
	if (name === 'GrammarMatcherInitError') {
		return unsupported('response_format', `was refused: ${toFailure(error).message}`);
	}
	return toEngineError(error);
}
