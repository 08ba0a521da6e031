import { describe, expect, it } from 'vitest';
import { splitThinking } from './thinking.ts';

describe('thoughts', () => {
	it.each([
		['plain answer', { thought: '', isThinking: false, answer: 'plain answer' }],
		['<thi', { thought: '', isThinking: true, answer: '' }],
		['<think>hm', { thought: 'hm', isThinking: true, answer: '' }],
		['\n<think>\nhm\n</think>\n\nYes', { thought: 'hm', isThinking: false, answer: 'Yes' }],
		['hm\n</think>\nYes', { thought: 'hm', isThinking: false, answer: 'Yes' }],
		['<think>\n\n</think>\n\nYes', { thought: '', isThinking: false, answer: 'Yes' }],
		[
			'Write <think>x</think> to think.',
			{ thought: '', isThinking: false, answer: 'Write <think>x</think> to think.' }
		],
		['', { thought: '', isThinking: false, answer: '' }]
	])('of %j are parted from the answer', (text, expected) => {
		expect(splitThinking(text)).toEqual(expected);
	});

	it('show nothing of a tag that is still arriving, at any cut', () => {
		const text = '<think>because</think>Answer';
		for (let end = 1; end < text.length; end += 1) {
			const { answer } = splitThinking(text.slice(0, end));
			expect('Answer'.startsWith(answer)).toBe(true);
		}
	});
});
