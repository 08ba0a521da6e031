import { describe, expect, it } from 'vitest';
import { REASONS } from '../../log/verify/reasons.ts';
import { SENTENCE_CODES, sentenceOf } from '../../log/verify/sentences.ts';
import { overwriteGetLocale } from '../../paraglide/runtime.js';
import { stepSentence } from './step-sentences.ts';

const values = {
	...{ peer: 'c12', reason: 'job: bad', covered: 3, uncovered: 4, field: 'usage', index: 5 },
	...{ key: 'k3y', size: 6, from: 7, to: 8, transaction: 'ab', model: 'tiny', digest: 'd1' },
	expected: 'e1'
};
const moment = Date.UTC(2026, 3, 5, 6, 7, 8);
const timed = { ...values, time: moment, at: moment };

describe('the page', () => {
	it.each(SENTENCE_CODES)('says %s in English as the command line does', (code) => {
		overwriteGetLocale(() => 'en');
		expect(stepSentence({ code, values: timed })).toBe(sentenceOf({ code, values: timed }));
	});

	it.each(SENTENCE_CODES)('says %s in French, with the same values', (code) => {
		overwriteGetLocale(() => 'fr');
		const french = stepSentence({ code, values: timed });
		overwriteGetLocale(() => 'en');
		const english = stepSentence({ code, values: timed });
		expect(french).not.toBe(english);
		for (const value of [...Object.values(values).map(String), '2026-04-05 06:07:08']) {
			expect(french.includes(value), value).toBe(english.includes(value));
		}
	});

	it('translates reasons of ours, and leaves the coordinator’s words', () => {
		overwriteGetLocale(() => 'fr');
		const open = (reason: string) => stepSentence({ code: 'head_open', values: { reason } });
		for (const reason of Object.values(REASONS)) expect(open(reason)).not.toContain(reason);
		expect(open('so said the coordinator')).toContain('so said the coordinator');
	});
});
