import { describe, expect, it } from 'vitest';
import { pageLock, signerLock } from './signer-lock.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each([
	['of a page', () => pageLock()],
	['of a browser', () => signerLock('0:ab')]
])('the lock %s', (_, open) => {
	it('lets one signer work at a time, in order, and survives one that fails', async () => {
		const lock = open();
		let working = 0;
		const order: number[] = [];
		const work = (n: number) =>
			lock(async () => {
				expect(++working).toBe(1);
				await pause(5);
				working--;
				order.push(n);
				if (n === 2) throw new Error('two');
				return n;
			});
		const results = await Promise.allSettled([work(1), work(2), work(3)]);
		expect(order).toEqual([1, 2, 3]);
		expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
	});
});

describe('the lock of a browser', () => {
	it('is one for all tabs, and another for another purse', async () => {
		const [tab, other, elsewhere] = [signerLock('a'), signerLock('a'), signerLock('b')];
		const order: string[] = [];
		await Promise.all([
			tab(async () => (await pause(20), order.push('first'))),
			other(async () => order.push('second')),
			elsewhere(async () => order.push('meanwhile'))
		]);
		expect(order).toEqual(['meanwhile', 'first', 'second']);
	});
});
