import { EngineError, type GenerateRequest } from '../protocol/generation.ts';
import { unsupported } from './unsupported.ts';

/** llama.cpp reads the greatest u32 as "choose a seed". */
const RANDOM_SEED = 0xffff_ffff;

/**
 * The body of a chat completion for llama.cpp's server code. Stop strings stay with us: llama.cpp
 * does not search for them in the prefix.
 *
 * @throws EngineError `unsupported` with the field's name
 */
export function chatBody(request: GenerateRequest, chatTemplate: string): object {
	const { messages, sampling, prefix } = request;
	refuse(request, chatTemplate);
	const { seed, tools, tool_choice, ...controls } = sampling;
	delete controls.stop;
	const withTools = tools !== undefined && tools.length > 0 ? { tools } : {};
	return {
		...controls,
		...withTools,
		...(tool_choice === undefined || tools === undefined ? {} : { tool_choice }),
		...(seed === undefined ? {} : { seed: seed === RANDOM_SEED ? RANDOM_SEED - 1 : seed }),
		// OpenAI's penalties look at the whole text, llama.cpp's at the last 64 tokens unless told.
		...(sampling.frequency_penalty || sampling.presence_penalty ? { repeat_last_n: -1 } : {}),
		messages: prefix ? [...messages, { role: 'assistant', content: prefix }] : messages,
		stream: true,
		stream_options: { include_usage: true },
		timings_per_token: true,
		cache_prompt: true
	};
}

function refuse(request: GenerateRequest, chatTemplate: string): void {
	const { messages, sampling, prefix } = request;
	const { response_format, tools } = sampling;
	const isFormatted = response_format !== undefined && response_format.type !== 'text';
	const hasTools = tools !== undefined && tools.length > 0;
	if (prefix) {
		if (isFormatted) throw unsupported('response_format', 'cannot go on from a given text');
		if (hasTools) throw unsupported('tools', 'cannot go on from a given text');
	}
	if (hasTools && isFormatted) throw unsupported('response_format', 'cannot be had with tools');
	if (hasTools && !/\btools\b/.test(chatTemplate)) {
		throw unsupported('tools', 'is not known to the chat template of this model');
	}
	if (messages.at(-1)?.role === 'assistant') {
		throw new EngineError(
			'unsupported',
			'The last message must not be the assistant’s; unfinished text goes into prefix.',
			'messages'
		);
	}
}
