import { describe, expect, it } from 'vitest';
import { EngineError, type GenerateRequest } from '../protocol/generation.ts';
import { chatRequest, refuseUnsupported } from './webllm-request.ts';

const ask = (
	sampling: Partial<GenerateRequest['sampling']>,
	more: Partial<GenerateRequest> = {}
): GenerateRequest => ({
	messages: [{ role: 'user', content: 'hi' }],
	sampling: { max_tokens: 8, ...sampling },
	...more
});

function fieldOf(request: GenerateRequest): string | undefined {
	try {
		refuseUnsupported(request);
	} catch (error) {
		if (error instanceof EngineError) return error.failure.field;
	}
	return undefined;
}

describe('refuseUnsupported', () => {
	it('names the controls that WebLLM does not know', () => {
		expect(fieldOf(ask({ top_k: 4 }))).toBe('sampling.top_k');
		expect(fieldOf(ask({ min_p: 0.1 }))).toBe('sampling.min_p');
		const tools = [{ type: 'function' as const, function: { name: 'pick' } }];
		expect(fieldOf(ask({ tools }))).toBe('sampling.tools');
		const json = { response_format: { type: 'json_object' as const } };
		expect(fieldOf(ask(json, { prefix: '{' }))).toBe('sampling.response_format');
	});

	it('names messages that WebLLM has no place for', () => {
		const user = { role: 'user', content: 'hi' } as const;
		const system = { role: 'system', content: 'be brief' } as const;
		expect(fieldOf(ask({}, { messages: [user, system, user] }))).toBe('messages');
		expect(fieldOf(ask({}, { messages: [user, { role: 'assistant', content: 'a' }] }))).toBe(
			'messages'
		);
		expect(fieldOf(ask({}, { messages: [system, user] }))).toBeUndefined();
	});

	it('lets through what WebLLM honours', () => {
		expect(
			fieldOf(ask({ temperature: 0, top_p: 0.9, seed: 1, stop: ['x'], presence_penalty: 1 }))
		).toBeUndefined();
	});
});

describe('chatRequest', () => {
	it('gives a JSON schema as WebLLM takes it', () => {
		const schema = { type: 'object' };
		expect(
			chatRequest(
				ask({ response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } })
			)
		).toMatchObject({ response_format: { type: 'json_object', schema: '{"type":"object"}' } });
	});
});
