import { describe, expect, it } from 'vitest';
import { CODES } from '../../protocol/frames.ts';
import { explainFailure, nextLimitNano } from './explain-failure.ts';

const coins = (nano: bigint) => `${nano} nano`;

describe('a failed answer', () => {
	it.each(CODES)('has a sentence and a next step for the refusal %s', (code) => {
		const { sentence, next } = explainFailure({ kind: 'refused', code }, coins);
		expect(sentence).toMatch(/\.$/);
		expect(next).not.toBe('');
	});

	it.each(['no_contributor', 'directory_unreachable', 'unreachable', 'cheated', 'lost'])(
		'has a sentence for %s',
		(kind) => {
			expect(explainFailure({ kind, code: null }, coins).sentence).toMatch(/\.$/);
		}
	);

	it('names the setting that cannot be honoured', () => {
		const failure = { kind: 'refused', code: 'unsupported', field: 'sampling.seed' };
		expect(explainFailure(failure, coins).sentence).toContain('sampling.seed');
	});

	it('is explained even if another version stored it', () => {
		expect(explainFailure({ kind: 'constructor', code: '__proto__' }, coins).sentence).toMatch(
			/\.$/
		);
	});

	it.each([
		...[
			'no_purse',
			'network',
			'unlocking',
			'reserve_low',
			'purse_low',
			'answer_limit',
			'day_limit'
		],
		...['too_many_jobs', 'terms', 'thin_text', 'failed']
	])('has a sentence of its own where it is not paid: %s', (code) => {
		const { sentence } = explainFailure({ kind: 'unpaid', code }, coins);
		expect(sentence).toMatch(/\.$/);
		expect(code === 'no_purse').toBe(
			sentence === explainFailure({ kind: 'unpaid' }, coins).sentence
		);
	});

	it('names the limit that payment stopped at, and asks for as much again', () => {
		const failure = { kind: 'unpaid', code: 'answer_limit', limitNano: 70n, neededNano: 75n };
		expect(explainFailure(failure, coins)).toMatchObject({ next: 'pay_more' });
		expect(explainFailure(failure, coins).sentence).toContain('70 nano');
		expect(nextLimitNano(failure, 'half of it')).toBe(75n);
		expect(nextLimitNano(failure, '')).toBe(150n);
	});
});
