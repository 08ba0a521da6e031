import * as v from 'valibot';
import { EngineError } from '../protocol/generation.ts';

/** One step of a tool call as llama.cpp streams it: a name first, then pieces of the arguments. */
export interface ToolCallDelta {
	index: number;
	id: string;
	name: string;
	arguments: string;
}

export interface Chunk {
	/** Known from the first token on. */
	prompt: { promptTokens: number; cachedPromptTokens: number } | null;
	/** Completion tokens so far; `null` where the chunk does not say. */
	completionTokens: number | null;
	text: string;
	toolCalls: ToolCallDelta[];
	finish: 'stop' | 'length' | 'tool_calls' | null;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const chunkSchema = v.object({
	choices: v.array(
		v.object({
			finish_reason: v.nullish(v.picklist(['stop', 'length', 'tool_calls'])),
			delta: v.object({
				content: v.nullish(v.string()),
				tool_calls: v.nullish(
					v.array(
						v.object({
							index: count,
							id: v.nullish(v.string()),
							function: v.nullish(
								v.object({ name: v.nullish(v.string()), arguments: v.nullish(v.string()) })
							)
						})
					)
				)
			})
		})
	),
	timings: v.nullish(v.object({ cache_n: count, prompt_n: count, predicted_n: count })),
	usage: v.nullish(v.object({ completion_tokens: count }))
});

/**
 * What one answer of llama.cpp says. It may be a list of chunks, or nothing yet (`null`, empty, an
 * empty list: a token that completes no character, or text that may become a tool call).
 *
 * @throws EngineError when it is not what llama.cpp b11364 sends
 */
export function parseChunk(json: string): Chunk {
	const chunk: Chunk = {
		prompt: null,
		completionTokens: null,
		text: '',
		toolCalls: [],
		finish: null
	};
	if (json === '' || json === 'null') return chunk;
	const list: unknown = JSON.parse(json);
	for (const item of Array.isArray(list) ? list : [list]) merge(chunk, parse(item));
	return chunk;
}

function parse(item: unknown): v.InferOutput<typeof chunkSchema> {
	const result = v.safeParse(chunkSchema, item);
	if (result.success) return result.output;
	throw new EngineError(
		'engine_failed',
		`llama.cpp answered something unknown: ${v.summarize(result.issues)}`
	);
}

function merge(chunk: Chunk, item: v.InferOutput<typeof chunkSchema>): void {
	const { timings, usage } = item;
	if (timings && timings.predicted_n > 0) {
		chunk.prompt = {
			promptTokens: timings.cache_n + timings.prompt_n,
			cachedPromptTokens: timings.cache_n
		};
		chunk.completionTokens = timings.predicted_n;
	}
	if (usage) chunk.completionTokens = usage.completion_tokens;
	for (const { delta, finish_reason } of item.choices) {
		chunk.text += delta.content ?? '';
		chunk.finish = finish_reason ?? chunk.finish;
		for (const call of delta.tool_calls ?? []) {
			chunk.toolCalls.push({
				index: call.index,
				id: call.id ?? '',
				name: call.function?.name ?? '',
				arguments: call.function?.arguments ?? ''
			});
		}
	}
}

/** The message and kind of an error that llama.cpp sends instead of a chunk. */
export function parseNativeError(json: string): EngineError {
	const result = v.safeParse(
		v.object({ message: v.string(), type: v.optional(v.string(), '') }),
		json === '' ? {} : JSON.parse(json)
	);
	if (!result.success) return new EngineError('engine_failed', 'llama.cpp failed without a word.');
	const { message, type } = result.output;
	return new EngineError(
		type === 'exceed_context_size_error' ? 'too_long' : 'engine_failed',
		message
	);
}
