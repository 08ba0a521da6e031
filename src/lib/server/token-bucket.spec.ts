import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedBuckets, TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
	it('gives its burst at once and then its rate', () => {
		const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, 0);
		expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([true, true, true, false]);
		expect(bucket.take(499)).toBe(false);
		expect(bucket.take(500)).toBe(true);
		expect(bucket.take(500)).toBe(false);
	});

	it('never gives more than burst + rate × time, whatever the clock does', () => {
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }), (steps) => {
				const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
				let now = 0;
				let taken = 0;
				for (const step of steps) {
					now += step;
					if (bucket.take(now)) taken += 1;
				}
				return taken <= 5 + (now / 1000) * 10 + 1e-6;
			})
		);
	});

	it('loses nothing when the clock is set back', () => {
		const bucket = new TokenBucket({ perSecond: 1, burst: 2 }, 10_000);
		expect(bucket.take(0)).toBe(true);
		expect(bucket.take(0)).toBe(true);
	});
});

describe('KeyedBuckets', () => {
	it('limits each key by itself', () => {
		const buckets = new KeyedBuckets({ perSecond: 1, burst: 1 });
		expect(buckets.take('a', 0)).toBe(true);
		expect(buckets.take('a', 0)).toBe(false);
		expect(buckets.take('b', 0)).toBe(true);
	});

	it('forgets keys that were silent until their bucket was full', () => {
		const buckets = new KeyedBuckets({ perSecond: 1, burst: 1 });
		for (let n = 0; n < 100; n += 1) buckets.take(`key ${n}`, 5_000);
		buckets.take('later', 20_000);
		expect(buckets.size).toBe(1);
	});

	it('stays bounded when every request comes under a new key', () => {
		const buckets = new KeyedBuckets({ perSecond: 1, burst: 100_000 });
		for (let n = 0; n < 30_000; n += 1) buckets.take(`key ${n}`, 1);
		expect(buckets.size).toBeLessThanOrEqual(20_000);
	});
});
