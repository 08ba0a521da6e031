import { describe, expect, it } from 'vitest';
import { PURSE_EXIT_CODES } from '../../chain/contracts/refusals.ts';
import { explainOutcome, explainRefusal, type Outcome } from './explain-outcome.ts';

describe('what came of asking a wallet', () => {
	it('is no error where the person said no, and nothing to say where it was sent', () => {
		expect(explainOutcome({ kind: 'cancelled' })).toMatchObject({ isError: false });
		expect(explainOutcome({ kind: 'sent' })).toBeNull();
	});

	it('names both networks where they differ', () => {
		const { text } =
			explainOutcome({ kind: 'wrong_network', expected: '-217', found: '-239' }) ?? {};
		expect(text).toContain('devnet');
		expect(text).toContain('mainnet');
	});

	it('has a sentence of its own for everything else', () => {
		const outcomes: Outcome[] = [
			{ kind: 'unsupported' },
			{ kind: 'timeout' },
			{ kind: 'uncertain', message: '' },
			{ kind: 'failed', message: 'x' },
			{ kind: 'no_wallet' },
			{ kind: 'busy' },
			{ kind: 'not_ready', message: '' }
		];
		const said = outcomes.map((outcome) => explainOutcome(outcome));
		expect(said.every((one) => one?.isError)).toBe(true);
		expect(new Set(said.map((one) => one?.text)).size).toBe(outcomes.length);
	});
});

describe('why a purse refused', () => {
	it('is told for what an owner can run into, and by its number otherwise', () => {
		const { notOwner, notEnoughFree, reserveLocked, idsStillValid } = PURSE_EXIT_CODES;
		const known = [notOwner, notEnoughFree, reserveLocked, idsStillValid];
		const said = known.map((code) => explainRefusal(code));
		expect(new Set(said).size).toBe(known.length);
		expect(said.some((text) => /\d{3}/.test(text))).toBe(false);
		expect(explainRefusal(240)).toContain('240');
		expect(explainRefusal(null)).toContain('?');
	});
});
