import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../protocol/job.ts';
import { continuationPrompt, parseTemplate } from './webllm-prompt.ts';

/** As in the configs of Qwen models. */
const CHATML = {
	conv_template: {
		name: 'chatml',
		system_template: '<|im_start|>system\n{system_message}<|im_end|>\n',
		system_message: 'You are a helpful assistant.',
		system_prefix_token_ids: null,
		roles: {
			user: '<|im_start|>user',
			assistant: '<|im_start|>assistant',
			tool: '<|im_start|>user'
		},
		role_templates: { user: '{user_message}', assistant: '{assistant_message}' },
		seps: ['<|im_end|>\n'],
		role_content_sep: '\n',
		role_empty_sep: '\n',
		stop_str: ['<|im_end|>'],
		stop_token_ids: [2]
	}
};
const user = (content: string): ChatMessage => ({ role: 'user', content });

describe('continuationPrompt', () => {
	const template = parseTemplate(CHATML);

	it('ends inside the assistant’s turn, after the prefix', () => {
		expect(continuationPrompt(template, [user('hi')], '', 'Well')).toBe(
			'<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' +
				'<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nWell'
		);
	});

	it('takes the system message of the conversation and the whole of it', () => {
		const messages: ChatMessage[] = [
			{ role: 'system', content: 'Be brief.' },
			user('1'),
			{ role: 'assistant', content: '2' },
			user('3')
		];
		expect(continuationPrompt(template, messages, '<s>', '4')).toBe(
			'<s><|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n1<|im_end|>\n' +
				'<|im_start|>assistant\n2<|im_end|>\n<|im_start|>user\n3<|im_end|>\n<|im_start|>assistant\n4'
		);
	});

	it('leaves the first role out where the system message brings it', () => {
		const llama = parseTemplate({
			conv_template: {
				system_template: '[INST] <<SYS>>\n{system_message}\n<</SYS>>\n\n',
				roles: { user: '[INST]', assistant: '[/INST]' },
				seps: [' ', ' </s>'],
				role_content_sep: ' ',
				role_empty_sep: ' ',
				add_role_after_system_message: false
			}
		});
		const messages: ChatMessage[] = [{ role: 'system', content: 'S' }, user('Q')];
		expect(continuationPrompt(llama, messages, '', 'A')).toBe(
			'[INST] <<SYS>>\nS\n<</SYS>>\n\nQ [/INST] A'
		);
	});

	it('takes text that looks like a pattern as it is', () => {
		expect(continuationPrompt(template, [user('$& $$')], '', '')).toContain(
			'user\n$& $$<|im_end|>'
		);
	});

	it('refuses a role that the template does not have', () => {
		const bare = parseTemplate({
			conv_template: { ...CHATML.conv_template, roles: { user: 'U', assistant: 'A' } }
		});
		const result: ChatMessage = { role: 'tool', content: 'x', tool_call_id: '1' };
		expect(() => continuationPrompt(bare, [result], '', '')).toThrow(/no role tool/);
	});
});

it('a config without a template is refused', () => {
	expect(() => parseTemplate({})).toThrow(/not understood/);
});
