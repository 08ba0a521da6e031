import { describe, expect, it } from 'vitest';
import { fuzz } from './fuzz/run.ts';
import { PRICE_SETS } from './support/prices.ts';

describe('random owners, contributors and thieves', () => {
	it.each(PRICE_SETS)(
		'do what the model says, at the prices of %s',
		async (prices) => {
			const result = await fuzz({ seed: 4, steps: 300, prices });
			for (const step of ['redeem ok', 'redeemAgain alreadyRedeemed', 'close ok', 'reopen ok']) {
				expect(Object.keys(result.counts)).toContain(step);
			}
			expect(result.paidNano).toBeGreaterThan(0n);
			expect(result.burntNano).toBeGreaterThan(0n);
			expect(result.returnedNano).toBeGreaterThan(0n);
		},
		120_000
	);

	it('are the same for the same seed', async () => {
		const lines = async () => {
			const steps: string[] = [];
			await fuzz({ seed: 9, steps: 25, onStep: (line) => steps.push(line) });
			return steps;
		};
		expect(await lines()).toEqual(await lines());
	}, 120_000);
});
