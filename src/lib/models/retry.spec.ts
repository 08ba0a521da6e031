import { describe, expect, it } from 'vitest';
import { backoffMs, retryAfterMs, wait } from './retry.ts';

describe('back-off', () => {
	it('doubles, stays between half and whole, and is capped', () => {
		for (let tries = 0; tries < 40; tries++) {
			const full = Math.min(15_000, 500 * 2 ** tries);
			expect(backoffMs(tries, () => 0)).toBe(full / 2);
			expect(backoffMs(tries, () => 1)).toBe(full);
		}
	});
});

describe('Retry-After', () => {
	const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT');
	it.each([
		[null, 0],
		['3', 3000],
		['86400', 60_000],
		['Wed, 21 Oct 2026 07:28:05 GMT', 5000],
		['Wed, 21 Oct 2026 07:27:00 GMT', 0],
		['soon', 0],
		['-5', 0]
	])('%j asks for %d ms', (header, ms) => {
		expect(retryAfterMs(header, now)).toBe(ms);
	});
});

describe('waiting', () => {
	it('ends at once when aborted, before or during', async () => {
		await expect(wait(60_000, AbortSignal.abort(new Error('no')))).rejects.toThrow('no');
		const abort = new AbortController();
		const waiting = wait(60_000, abort.signal);
		abort.abort(new Error('stop'));
		await expect(waiting).rejects.toThrow('stop');
	});
});
