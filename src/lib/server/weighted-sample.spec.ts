import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightedSample } from './weighted-sample.ts';

/** mulberry32: a small generator with a seed, so that a failing run can be repeated. */
function seeded(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const itself = (weight: number) => weight;

describe('weightedSample', () => {
	it('draws each item first as often as its share of the weights says', () => {
		const random = seeded(1);
		const draws = 20_000;
		const counts = new Map<number, number>();
		for (let n = 0; n < draws; n += 1) {
			const [first] = weightedSample([1, 2, 3, 4], itself, 1, random);
			counts.set(first ?? 0, (counts.get(first ?? 0) ?? 0) + 1);
		}
		for (const weight of [1, 2, 3, 4]) {
			const share = weight / 10;
			// Four standard deviations of a binomial.
			const tolerance = 4 * Math.sqrt((share * (1 - share)) / draws);
			expect((counts.get(weight) ?? 0) / draws).toBeGreaterThan(share - tolerance);
			expect((counts.get(weight) ?? 0) / draws).toBeLessThan(share + tolerance);
		}
	});

	it('draws the second among the rest by the same rule', () => {
		const random = seeded(2);
		const draws = 20_000;
		let heavyThenMiddle = 0;
		for (let n = 0; n < draws; n += 1) {
			const [first, second] = weightedSample([1, 2, 7], itself, 2, random);
			if (first === 7 && second === 2) heavyThenMiddle += 1;
		}
		const share = 0.7 * (2 / 3);
		const tolerance = 4 * Math.sqrt((share * (1 - share)) / draws);
		expect(Math.abs(heavyThenMiddle / draws - share)).toBeLessThan(tolerance);
	});

	it('never draws an item twice, more than asked, or one of weight 0', () => {
		fc.assert(
			fc.property(fc.uniqueArray(fc.nat(50)), fc.nat(10), fc.integer(), (weights, count, seed) => {
				const drawn = weightedSample(weights, itself, count, seeded(seed));
				const drawable = weights.filter((weight) => weight > 0).length;
				expect(drawn).toHaveLength(Math.min(count, drawable));
				expect(new Set(drawn).size).toBe(drawn.length);
				expect(drawn).not.toContain(0);
			})
		);
	});
});
