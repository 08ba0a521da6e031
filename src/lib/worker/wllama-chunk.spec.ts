import { describe, expect, it } from 'vitest';
import { parseChunk, parseNativeError } from './wllama-chunk.ts';

/** As llama.cpp b11364 sent it, shortened. */
const FIRST =
	'[{"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"id":""},' +
	'{"choices":[{"finish_reason":null,"index":0,"delta":{"content":"J"}}],' +
	'"timings":{"cache_n":258,"prompt_n":1,"prompt_ms":2.1,"predicted_n":1,"predicted_ms":0.006}}]';
const LAST =
	'[{"choices":[{"finish_reason":"length","index":0,"delta":{}}]},' +
	'{"choices":[],"usage":{"completion_tokens":5,"prompt_tokens":259,"total_tokens":264},' +
	'"timings":{"cache_n":0,"prompt_n":259,"predicted_n":5}}]';
const TOO_LONG =
	'{"code":400,"message":"request (2419 tokens) exceeds the available context size (1024 tokens), ' +
	'try increasing it","type":"exceed_context_size_error","n_prompt_tokens":2419,"n_ctx":1024}';

describe('parseChunk', () => {
	it('reads the prompt, the count and the text of a first token', () => {
		expect(parseChunk(FIRST)).toEqual({
			prompt: { promptTokens: 259, cachedPromptTokens: 258 },
			completionTokens: 1,
			text: 'J',
			toolCalls: [],
			finish: null
		});
	});

	it('reads the end and its count', () => {
		expect(parseChunk(LAST)).toMatchObject({ completionTokens: 5, text: '', finish: 'length' });
	});

	it.each(['null', '', '[]'])('takes %j as a step without anything to say', (json) => {
		expect(parseChunk(json)).toMatchObject({ prompt: null, completionTokens: null, text: '' });
	});

	it('does not take a prompt under way for one that is done', () => {
		const progress =
			'[{"choices":[{"delta":{"content":null}}],"timings":{"cache_n":0,"prompt_n":128,"predicted_n":0}}]';
		expect(parseChunk(progress).prompt).toBeNull();
	});

	it('reads pieces of tool calls', () => {
		const json =
			'[{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function",' +
			'"function":{"name":"pick","arguments":""}}]}}]},' +
			'{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]}]';
		expect(parseChunk(json).toolCalls).toEqual([
			{ index: 0, id: 'a', name: 'pick', arguments: '' },
			{ index: 0, id: '', name: '', arguments: '{' }
		]);
	});

	it('refuses what llama.cpp never sends', () => {
		expect(() => parseChunk('[{"choices":1}]')).toThrow(/something unknown/);
	});
});

describe('parseNativeError', () => {
	it('tells a prompt that is too long from other errors', () => {
		expect(parseNativeError(TOO_LONG).failure.kind).toBe('too_long');
		expect(parseNativeError('{"message":"no"}').failure).toEqual({
			kind: 'engine_failed',
			message: 'no'
		});
		expect(parseNativeError('').failure.kind).toBe('engine_failed');
	});
});
