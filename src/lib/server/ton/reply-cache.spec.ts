import { expect, it } from 'vitest';
import { ReplyCache } from './reply-cache.ts';

it('gives an answer until its time is over', () => {
	const cache = new ReplyCache({ ttlMs: 100, maxBytes: 1_000 });
	cache.set('a', null, 10, 0);
	expect(cache.get('a', 99)).toEqual({ value: null });
	expect(cache.get('a', 100)).toBeNull();
	expect(cache.sizeBytes).toBe(0);
});

it('forgets the oldest when it is full, and counts an answer that comes again once', () => {
	const cache = new ReplyCache({ ttlMs: 100, maxBytes: 25 });
	cache.set('a', 1, 10, 0);
	cache.set('a', 2, 10, 1);
	cache.set('b', 3, 10, 2);
	expect(cache.sizeBytes).toBe(20);
	cache.set('c', 4, 10, 3);
	expect([cache.get('a', 4), cache.get('b', 4), cache.get('c', 4)]).toEqual([
		null,
		{ value: 3 },
		{ value: 4 }
	]);
	expect(cache.sizeBytes).toBe(20);
});

it('does not keep what is larger than all it may hold', () => {
	const cache = new ReplyCache({ ttlMs: 100, maxBytes: 25 });
	cache.set('huge', 1, 26, 0);
	expect(cache.get('huge', 1)).toBeNull();
});
