import type {
	ChatCompletionRequestStreaming,
	CompletionCreateParamsStreaming
} from '@mlc-ai/web-llm';
import { EngineError, type GenerateRequest } from '../protocol/generation.ts';
import type { Sampling } from '../protocol/job.ts';
import { unsupported } from './unsupported.ts';

/**
 * Refuses what WebLLM would ignore or mistake.
 *
 * @throws EngineError `unsupported` with the field's name
 */
export function refuseUnsupported(request: GenerateRequest): void {
	const { messages, sampling, prefix } = request;
	if (sampling.top_k !== undefined) throw unsupported('top_k', 'is not known to WebLLM');
	if (sampling.min_p !== undefined) throw unsupported('min_p', 'is not known to WebLLM');
	if (sampling.tools !== undefined && sampling.tools.length > 0) {
		throw unsupported('tools', 'work in WebLLM with few old models only, and are not offered');
	}
	if (prefix && isFormatted(sampling)) {
		throw unsupported('response_format', 'cannot go on from a given text');
	}
	const last = messages.at(-1)?.role;
	const isSystemLate = messages.some(({ role }, i) => i > 0 && role === 'system');
	if (isSystemLate || (last !== 'user' && last !== 'tool')) {
		throw new EngineError(
			'unsupported',
			'WebLLM takes a system message first only, and a question or a tool’s result last.',
			'messages'
		);
	}
}

/** A whole conversation, answered from the beginning. */
export function chatRequest(request: GenerateRequest): ChatCompletionRequestStreaming {
	const { messages, sampling } = request;
	return {
		...controls(sampling),
		...responseFormat(sampling),
		stream: true,
		messages: messages.map((message) => ({ ...message }))
	};
}

/** A prompt that ends in the middle of the answer. */
export function continuationRequest(
	request: GenerateRequest,
	prompt: string
): CompletionCreateParamsStreaming {
	return { ...controls(request.sampling), stream: true, prompt };
}

function controls(sampling: Sampling) {
	const { temperature, top_p, frequency_penalty, presence_penalty, seed, max_tokens } = sampling;
	return {
		max_tokens,
		...(temperature === undefined ? {} : { temperature }),
		...(top_p === undefined ? {} : { top_p }),
		...(frequency_penalty === undefined ? {} : { frequency_penalty }),
		...(presence_penalty === undefined ? {} : { presence_penalty }),
		...(seed === undefined ? {} : { seed })
	};
}

function responseFormat(
	sampling: Sampling
): Pick<ChatCompletionRequestStreaming, 'response_format'> {
	const format = sampling.response_format;
	switch (format?.type) {
		case 'json_object':
			return { response_format: { type: 'json_object', schema: '{"type":"object"}' } };
		case 'json_schema':
			return {
				response_format: { type: 'json_object', schema: JSON.stringify(format.json_schema.schema) }
			};
		default:
			return {};
	}
}

const isFormatted = (sampling: Sampling) => (sampling.response_format?.type ?? 'text') !== 'text';
