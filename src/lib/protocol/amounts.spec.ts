import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	costNano,
	MAX_PARTS,
	PaymentPlan,
	pricesOf,
	splitPrice,
	type PlanOptions
} from './amounts.ts';

describe('a price', () => {
	it('is what the tokens cost, rounded down', () => {
		// The public price that payments start from: 20 nano a prompt token, 160 a completion token.
		const prices = pricesOf({ promptPrice: '20000000', completionPrice: '160000000' });
		expect(costNano(prices, 500, 300)).toBe(58_000n);
		expect(costNano({ promptNano: 1n, completionNano: 1n }, 999_999, 0)).toBe(0n);
		expect(costNano({ promptNano: 1n, completionNano: 1n }, 999_999, 1)).toBe(1n);
	});
});

const nano = (max: bigint) => fc.bigInt({ min: 0n, max });
const options: fc.Arbitrary<PlanOptions> = fc.record({
	prices: fc.record({ promptNano: nano(10n ** 12n), completionNano: nano(10n ** 10n) }),
	promptTokens: fc.nat(5_000),
	chunkTokens: fc.integer({ min: 1, max: 64 }),
	maxTokens: fc.integer({ min: 1, max: 2_000 }),
	maxTicketNano: fc.bigInt({ min: 1n, max: 10n ** 9n }),
	creditNano: nano(10n ** 7n)
});

describe('a payment plan', () => {
	it('asks for all that the tokens cost less the credit, in parts that a ticket can pay', () => {
		fc.assert(
			fc.property(options, (any) => {
				const plan = new PaymentPlan(any);
				fc.pre(plan.fault === null);
				let paidNano = 0n;
				for (let seq = 0; seq <= plan.lastRun; seq++) {
					const parts = plan.partsOf(seq);
					for (const each of parts) {
						expect(each).toBeGreaterThan(0n);
						expect(each).toBeLessThanOrEqual(any.maxTicketNano);
					}
					// A run after the prompt is one ticket, or none.
					if (seq > 0) expect(parts.length).toBeLessThanOrEqual(1);
					else expect(parts.length).toBeLessThanOrEqual(MAX_PARTS);
					paidNano += parts.reduce((sum, each) => sum + each, 0n);
					// Nobody is ever ahead of what was paid, nor behind by a whole nano.
					const tokens = Math.min(seq * any.chunkTokens, any.maxTokens);
					const costs = costNano(any.prices, any.promptTokens, tokens);
					const owed = costs - any.creditNano;
					expect(paidNano).toBe(owed > 0n ? owed : 0n);
				}
				expect(plan.partsOf(plan.lastRun + 1)).toEqual([]);
			}),
			{ numRuns: 300 }
		);
	});

	it('refuses a run that no ticket can pay, and a prompt that hundreds would', () => {
		const base: PlanOptions = {
			prices: { promptNano: 0n, completionNano: 1_000_000n },
			...{ promptTokens: 10, chunkTokens: 32, maxTokens: 100, creditNano: 0n },
			maxTicketNano: 32n
		};
		expect(new PaymentPlan(base).fault).toBeNull();
		expect(new PaymentPlan({ ...base, maxTicketNano: 31n }).fault).toMatch(/a run costs 32 nano/);
		expect(new PaymentPlan({ ...base, maxTicketNano: 0n }).fault).toMatch(/face value/);
		const prompt = (tokens: number) =>
			new PaymentPlan({
				...{ ...base, prices: { promptNano: 32_000_000n, completionNano: 0n } },
				promptTokens: tokens
			}).fault;
		expect(prompt(256)).toBeNull();
		expect(prompt(257)).toMatch(/257 tickets/);
	});

	it('splits a price into full tickets and a rest', () => {
		expect(splitPrice(25n, 10n)).toEqual([10n, 10n, 5n]);
		expect(splitPrice(20n, 10n)).toEqual([10n, 10n]);
		expect(splitPrice(3n, 10n)).toEqual([3n]);
		expect(splitPrice(0n, 10n)).toEqual([]);
	});
});
