import * as v from 'valibot';
import { JOB_ID, type JobId } from './ids.ts';

export const LIMITS = {
	messages: 512,
	/** UTF-16 units of one message; the whole job also has to fit the 88 parts of a frame. */
	messageLength: 1_000_000,
	maxTokens: 131_072,
	stopStrings: 16,
	stopLength: 256,
	schemaLength: 65_536,
	tools: 64
} as const;

export const jobIdSchema = v.pipe(
	v.string(),
	v.regex(JOB_ID, 'must be 16 bytes as base64url'),
	v.transform((id) => id as JobId)
);

const count = (max: number) => v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(max));
const base64url = (length: number) =>
	v.pipe(v.string(), v.regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((length * 4) / 3)}}$`)));

/** 32 bytes as base64url: keys, nonces, salts, hashes. */
export const bytes32 = base64url(32);
/** 64 bytes as base64url: signatures. */
export const bytes64 = base64url(64);
export const safeCount = count(Number.MAX_SAFE_INTEGER);
export const u32Count = count(0xffff_ffff);
/** Amounts travel as decimal text, because JSON numbers end at 2^53. */
export const nanoText = v.pipe(v.string(), v.regex(/^(0|[1-9][0-9]{0,18})$/, 'must be nano'));

/** An account of TON's workchain 0 in raw form, the only form that travels. */
export const accountText = v.pipe(
	v.string(),
	v.regex(/^0:[0-9a-f]{64}$/, 'must be 0: and 64 lower-case hex digits')
);

const jsonObject = v.record(v.string(), v.unknown());

const toolCall = v.object({
	id: v.pipe(v.string(), v.maxLength(128)),
	type: v.literal('function'),
	function: v.object({
		name: v.pipe(v.string(), v.maxLength(128)),
		arguments: v.pipe(v.string(), v.maxLength(LIMITS.schemaLength))
	})
});

const content = v.pipe(v.string(), v.maxLength(LIMITS.messageLength));

export const messageSchema = v.variant('role', [
	v.object({ role: v.literal('system'), content }),
	v.object({ role: v.literal('user'), content }),
	v.object({
		role: v.literal('assistant'),
		content,
		tool_calls: v.exactOptional(v.pipe(v.array(toolCall), v.maxLength(LIMITS.tools)))
	}),
	v.object({
		role: v.literal('tool'),
		content,
		tool_call_id: v.pipe(v.string(), v.maxLength(128))
	})
]);

/**
 * The controls of a generation, named as in the OpenAI API because every engine and client knows
 * those names. A key that is not here is refused by name; one an engine cannot honour, too.
 */
export const samplingSchema = v.strictObject({
	/** 0 means greedy. */
	temperature: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(2))),
	top_p: v.exactOptional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
	top_k: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))),
	min_p: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
	frequency_penalty: v.exactOptional(v.pipe(v.number(), v.minValue(-2), v.maxValue(2))),
	presence_penalty: v.exactOptional(v.pipe(v.number(), v.minValue(-2), v.maxValue(2))),
	seed: v.exactOptional(u32Count),
	/** Completion tokens; the contributor may stop earlier, never later. */
	max_tokens: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.maxTokens)),
	stop: v.exactOptional(
		v.pipe(
			v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.stopLength))),
			v.maxLength(LIMITS.stopStrings)
		)
	),
	response_format: v.exactOptional(
		v.variant('type', [
			v.strictObject({ type: v.literal('text') }),
			v.strictObject({ type: v.literal('json_object') }),
			v.strictObject({
				type: v.literal('json_schema'),
				json_schema: v.strictObject({
					name: v.pipe(v.string(), v.maxLength(128)),
					schema: jsonObject,
					strict: v.exactOptional(v.boolean())
				})
			})
		])
	),
	tools: v.exactOptional(
		v.pipe(
			v.array(
				v.strictObject({
					type: v.literal('function'),
					function: v.strictObject({
						name: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
						description: v.exactOptional(v.pipe(v.string(), v.maxLength(4096))),
						parameters: v.exactOptional(jsonObject)
					})
				})
			),
			v.maxLength(LIMITS.tools)
		)
	),
	tool_choice: v.exactOptional(v.picklist(['none', 'auto', 'required']))
});

export const paySchema = v.variant('kind', [
	v.strictObject({ kind: v.literal('free') }),
	v.strictObject({
		kind: v.literal('purse'),
		purse: accountText,
		key: bytes32,
		sig: bytes64
	})
]);

export const modelId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/));

export type ChatMessage = v.InferOutput<typeof messageSchema>;
export type Sampling = v.InferOutput<typeof samplingSchema>;
export type Pay = v.InferOutput<typeof paySchema>;
export type ToolCall = v.InferOutput<typeof toolCall>;

export type Finish = 'stop' | 'length' | 'tool_calls' | 'cancelled';
export const finishSchema = v.picklist(['stop', 'length', 'tool_calls', 'cancelled']);

/** Token counts of one job; `cachedPromptTokens` of `promptTokens` cost no prefill. */
export const usageSchema = v.object({
	promptTokens: u32Count,
	cachedPromptTokens: v.exactOptional(u32Count),
	completionTokens: u32Count
});
export type Usage = v.InferOutput<typeof usageSchema>;

/** Wall-clock figures of one job on the contributor, in milliseconds. */
export const timingsSchema = v.object({
	queueMs: safeCount,
	prefillMs: safeCount,
	generateMs: safeCount
});
export type Timings = v.InferOutput<typeof timingsSchema>;

const utf8Length = (text: string) => new TextEncoder().encode(text).length;

/**
 * The most prompt tokens a contributor may claim: every token stands for at least one byte, and a
 * chat template adds at most 64 tokens a message.
 */
export function maxPromptTokens(job: {
	messages: readonly ChatMessage[];
	sampling: Sampling;
	prefix?: string;
}): number {
	const tools = job.sampling.tools ? utf8Length(JSON.stringify(job.sampling.tools)) : 0;
	// The opening of the assistant's turn counts as a message of its own.
	const messageTokens = job.messages.reduce(
		(sum, message) => sum + utf8Length(JSON.stringify(message)) + 64,
		64
	);
	return messageTokens + tools + utf8Length(job.prefix ?? '');
}
