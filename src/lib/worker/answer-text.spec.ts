import { describe, expect, it } from 'vitest';
import { AnswerText, PrefixStripper } from './answer-text.ts';

describe('AnswerText', () => {
	it('counts a token without text to the next that has some', () => {
		const text = new AnswerText([], '');
		expect(text.push(1, '')).toBeNull();
		expect(text.push(1, 'é')).toEqual({ kind: 'tokens', tokens: 2, text: 'é' });
		expect(text.end()).toBeNull();
		expect(text.completionTokens).toBe(2);
	});

	it('holds half a surrogate pair back until the other half comes', () => {
		const [high, low] = ['\ud83d', '\ude00'];
		const text = new AnswerText([], '');
		expect(text.push(1, `a${high}`)).toBeNull();
		expect(text.push(1, low)).toEqual({ kind: 'tokens', tokens: 2, text: 'a😀' });
	});

	it('counts the tokens of a stop string without giving its text', () => {
		const text = new AnswerText(['END'], '');
		expect(text.push(1, 'yes')).toMatchObject({ tokens: 1, text: 'yes' });
		expect(text.push(1, 'E')).toBeNull();
		expect(text.push(1, 'ND')).toBeNull();
		expect(text.isStopped).toBe(true);
		expect(text.end()).toEqual({ kind: 'tokens', tokens: 2, text: '' });
		expect(text.completionTokens).toBe(3);
	});

	it('counts a last token that has no text', () => {
		const text = new AnswerText([], '');
		text.push(1, 'a');
		text.push(1, '');
		expect(text.end()).toEqual({ kind: 'tokens', tokens: 1, text: '' });
	});

	it('keeps a token for text that is held back, so that none comes after the last token', () => {
		const text = new AnswerText(['END'], '');
		expect(text.push(1, 'one E')).toBeNull();
		expect(text.push(1, 'N')).toEqual({ kind: 'tokens', tokens: 1, text: 'one ' });
		expect(text.end()).toEqual({ kind: 'tokens', tokens: 1, text: 'EN' });
	});

	it('keeps a token for a closing text', () => {
		const text = new AnswerText([], '', true);
		expect(text.push(1, '[')).toBeNull();
		expect(text.push(1, '1')).toEqual({ kind: 'tokens', tokens: 1, text: '[1' });
		expect(text.end(']')).toEqual({ kind: 'tokens', tokens: 1, text: ']' });
	});
});

describe('PrefixStripper', () => {
	it('takes a prefix off that comes back in pieces', () => {
		const prefix = new PrefixStripper('Once upon');
		expect(['Once', ' up', 'on a time', ' there'].map((piece) => prefix.push(piece))).toEqual([
			'',
			'',
			' a time',
			' there'
		]);
	});

	it('refuses an answer that does not begin with the prefix', () => {
		expect(() => new PrefixStripper('Once').push('Twice')).toThrow(/did not continue/);
	});
});
