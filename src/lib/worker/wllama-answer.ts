import type { GenerateEvent, GenerateRequest } from '../protocol/generation.ts';
import type { Finish } from '../protocol/job.ts';
import { AnswerText, PrefixStripper } from './answer-text.ts';
import { within } from './deadline.ts';
import { toFailure } from './failure.ts';
import { ToolCallText } from './tool-call-text.ts';
import { unsupported } from './unsupported.ts';
import { parseChunk, parseNativeError, type Chunk } from './wllama-chunk.ts';
import type { NativeResult, WllamaNative } from './wllama-native.ts';

/** Models like to announce a call ("I will look it up."); text beyond this is an answer. */
const MOST_PREAMBLE_TOKENS = 32;

/** One generation of llama.cpp: pulls a token at a time and makes events of what comes. */
export class WllamaAnswer {
	readonly #native: WllamaNative;
	readonly #signal: AbortSignal;
	readonly #hasFormat: boolean;
	readonly #hasTools: boolean;
	readonly #text: AnswerText;
	readonly #prefix: PrefixStripper;
	readonly #toolText = new ToolCallText();
	/** Text that goes if no tool call follows; null once that is decided, or without tools. */
	#preamble: string | null;
	#prompt: Chunk['prompt'] = null;
	#completionTokens = 0;
	#finish: Finish | null = null;
	#request: number | null = null;
	/** The call under way; it cannot be interrupted, only left alone. */
	#pending: Promise<unknown> = Promise.resolve();

	constructor(native: WllamaNative, request: GenerateRequest, signal: AbortSignal) {
		const { sampling, prefix = '' } = request;
		this.#native = native;
		this.#signal = signal;
		this.#hasFormat = (sampling.response_format?.type ?? 'text') !== 'text';
		this.#hasTools = (sampling.tools?.length ?? 0) > 0;
		this.#preamble = this.#hasTools ? '' : null;
		this.#text = new AnswerText(sampling.stop ?? [], prefix, this.#hasTools);
		this.#prefix = new PrefixStripper(prefix);
	}

	async *events(body: object): AsyncGenerator<GenerateEvent> {
		try {
			this.#request = await this.#start(body);
			while (this.#finish === null)
				yield* this.#step(await this.#wait(this.#native.next(this.#request)));
		} catch (error) {
			if (!this.#signal.aborted || toFailure(error).kind !== 'cancelled') throw error;
			this.#finish = 'cancelled';
		}
		yield* this.#end(this.#finish);
	}

	/** Frees the engine for the next generation, once the step under way is done. */
	async settle(): Promise<void> {
		try {
			await this.#pending;
			if (this.#request !== null) await this.#native.cancel(this.#request);
		} catch {
			// Whatever broke the engine has been thrown by `events` or told to `onFailure`.
		}
	}

	async #start(body: object): Promise<number> {
		try {
			return await this.#wait(
				this.#native.start(body).then((request) => (this.#request = request))
			);
		} catch (error) {
			const { kind, message } = toFailure(error);
			// llama.cpp turns schemas and tools into a grammar here, and knows not all of JSON Schema.
			if (kind === 'engine_failed' && this.#hasFormat) {
				throw unsupported('response_format', `was refused: ${message}`);
			}
			if (kind === 'engine_failed' && this.#hasTools) {
				throw unsupported('tools', `was refused: ${message}`);
			}
			throw error;
		}
	}

	*#step(result: NativeResult): Generator<GenerateEvent> {
		if (result.isError) throw parseNativeError(result.json);
		const chunk = parseChunk(result.json);
		if (this.#prompt === null && chunk.prompt !== null) {
			this.#prompt = chunk.prompt;
			yield { kind: 'prompt', ...chunk.prompt };
		}
		const total = chunk.completionTokens ?? this.#completionTokens;
		const batch = this.#text.push(total - this.#completionTokens, this.#textOf(chunk));
		this.#completionTokens = total;
		if (batch !== null) yield batch;
		if (this.#text.isStopped) this.#finish = 'stop';
		else if (!result.hasMore) this.#finish = chunk.finish ?? 'stop';
	}

	#textOf(chunk: Chunk): string {
		const text = this.#prefix.push(chunk.text);
		if (!this.#hasTools) return text;
		if (chunk.toolCalls.length > 0) return this.#toolCallsOf(chunk);
		if (this.#preamble === null) return text;
		this.#preamble += text;
		const total = chunk.completionTokens ?? this.#completionTokens;
		return total > MOST_PREAMBLE_TOKENS ? this.#takePreamble() : '';
	}

	#toolCallsOf(chunk: Chunk): string {
		if (this.#preamble === null && !this.#toolText.isStarted) {
			throw unsupported('tools', 'were called in the middle of an answer, after text');
		}
		// Calls take the place of the answer; a few words before them are not part of it.
		this.#preamble = null;
		return this.#toolText.push(chunk.toolCalls);
	}

	#takePreamble(): string {
		const text = this.#preamble ?? '';
		this.#preamble = null;
		return text;
	}

	*#end(finish: Finish): Generator<GenerateEvent> {
		if (this.#prompt === null && finish !== 'cancelled') {
			this.#prompt = { promptTokens: 0, cachedPromptTokens: 0 };
			yield { kind: 'prompt', ...this.#prompt };
		}
		const words = this.#text.push(0, this.#takePreamble());
		if (words !== null) yield words;
		const last = this.#text.end(this.#toolText.end());
		if (last !== null) yield last;
		yield {
			kind: 'end',
			finish,
			usage: {
				promptTokens: this.#prompt?.promptTokens ?? 0,
				cachedPromptTokens: this.#prompt?.cachedPromptTokens ?? 0,
				completionTokens: this.#text.completionTokens
			}
		};
	}

	#wait<T>(step: Promise<T>): Promise<T> {
		this.#pending = step.catch(() => {});
		return within(step, { signal: this.#signal });
	}
}
