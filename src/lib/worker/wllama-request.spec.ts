import { describe, expect, it } from 'vitest';
import { EngineError, type GenerateRequest } from '../protocol/generation.ts';
import { chatBody } from './wllama-request.ts';

const TEMPLATE = '{% for m in messages %}{{ m.content }}{% endfor %}';
const tools = [{ type: 'function' as const, function: { name: 'pick' } }];
const ask = (
	sampling: Partial<GenerateRequest['sampling']>,
	more: Partial<GenerateRequest> = {}
): GenerateRequest => ({
	messages: [{ role: 'user', content: 'hi' }],
	sampling: { max_tokens: 8, ...sampling },
	...more
});

function fieldOf(request: GenerateRequest, template = TEMPLATE): string | undefined {
	try {
		chatBody(request, template);
	} catch (error) {
		if (error instanceof EngineError) return error.failure.field;
	}
	return undefined;
}

describe('chatBody', () => {
	it('hands sampling on and keeps stop strings to itself', () => {
		const body = chatBody(ask({ temperature: 0.5, top_k: 3, min_p: 0.1, stop: ['x'] }), TEMPLATE);
		expect(body).toMatchObject({ temperature: 0.5, top_k: 3, min_p: 0.1, max_tokens: 8 });
		expect(body).not.toHaveProperty('stop');
	});

	it('puts the prefix into an assistant turn of its own', () => {
		expect(chatBody(ask({}, { prefix: 'Well' }), TEMPLATE)).toMatchObject({
			messages: [
				{ role: 'user', content: 'hi' },
				{ role: 'assistant', content: 'Well' }
			]
		});
	});

	it('keeps llama.cpp from taking the greatest seed for none', () => {
		expect(chatBody(ask({ seed: 0xffff_ffff }), TEMPLATE)).toMatchObject({ seed: 0xffff_fffe });
	});

	it('names what it cannot honour', () => {
		expect(fieldOf(ask({ tools }))).toBe('sampling.tools');
		expect(fieldOf(ask({ tools }, { prefix: 'a' }), 'tools')).toBe('sampling.tools');
		const json = { response_format: { type: 'json_object' as const } };
		expect(fieldOf(ask(json, { prefix: 'a' }))).toBe('sampling.response_format');
		expect(fieldOf(ask({ ...json, tools }), 'tools')).toBe('sampling.response_format');
		expect(fieldOf(ask({}, { messages: [{ role: 'assistant', content: 'a' }] }))).toBe('messages');
	});

	it('offers tools to a model whose template knows them', () => {
		expect(chatBody(ask({ tools, tool_choice: 'auto' }), '{% if tools %}')).toMatchObject({
			tools,
			tool_choice: 'auto'
		});
	});
});
