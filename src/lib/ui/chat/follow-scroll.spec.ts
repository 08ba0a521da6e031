import { describe, expect, it } from 'vitest';
import { followsAfter, isAtEnd } from './follow-scroll.svelte.ts';

const place = (top: number) => ({ top, viewport: 500, content: 2000 });

describe('following the answer', () => {
	it('stops when the reader scrolls up', () => {
		expect(followsAfter(true, 1500, place(1300))).toBe(false);
	});

	it('goes on while only the content grows', () => {
		expect(followsAfter(true, 1300, place(1300))).toBe(true);
		expect(followsAfter(true, 1200, place(1300))).toBe(true);
	});

	it('stays off when the reader scrolls down a little, and is on again at the end', () => {
		expect(followsAfter(false, 900, place(1000))).toBe(false);
		expect(followsAfter(false, 1400, place(1490))).toBe(true);
	});

	it('counts a page that is shorter than the window as at its end', () => {
		expect(isAtEnd({ top: 0, viewport: 900, content: 600 })).toBe(true);
	});
});
