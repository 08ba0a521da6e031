import { expect, it } from 'vitest';
import { estimateCost } from './estimate-cost.ts';

/** Cocoon's public price: 20 nano a prompt token, 160 a completion token. */
const prices = { promptNano: 20_000_000n, completionNano: 160_000_000n };

it('takes the usual length for an estimate, and the longest for the most', () => {
	const texts = ['x'.repeat(2_000)];
	const { aboutNano, mostNano } = estimateCost({ texts, maxTokens: 1_024 }, prices);
	// 500 tokens and 300 tokens; 2,064 tokens and 1,024 tokens.
	expect(aboutNano).toBe(58_000n);
	expect(mostNano).toBe(205_120n);
});

it('never estimates more than the longest answer', () => {
	const { aboutNano, mostNano } = estimateCost({ texts: ['a'], maxTokens: 10 }, prices);
	expect(aboutNano).toBe(1_620n);
	expect(mostNano).toBe(2_900n);
});

it('counts bytes, not letters', () => {
	const of = (text: string) => estimateCost({ texts: [text], maxTokens: 1 }, prices).mostNano;
	expect(of('é')).toBeGreaterThan(of('e'));
});

it('is nothing where the price is nothing', () => {
	const free = { promptNano: 0n, completionNano: 0n };
	expect(estimateCost({ texts: ['a'], maxTokens: 9 }, free)).toEqual({
		...{ aboutNano: 0n, mostNano: 0n }
	});
});
