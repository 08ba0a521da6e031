import { describe, expect, it } from 'vitest';
import { BEADS, ripeBeads } from './berry-beads.ts';

describe('the beads of the berry', () => {
	it('lie inside their box', () => {
		for (const { x, y, radius } of BEADS) {
			expect(x - radius).toBeGreaterThanOrEqual(0);
			expect(x + radius).toBeLessThanOrEqual(64);
			expect(y - radius).toBeGreaterThanOrEqual(0);
			expect(y + radius).toBeLessThanOrEqual(88);
		}
	});

	it('ripen from none to all, and show anything begun', () => {
		expect(ripeBeads(0)).toBe(0);
		expect(ripeBeads(Number.NaN)).toBe(0);
		expect(ripeBeads(0.0001)).toBe(1);
		expect(ripeBeads(0.999)).toBeLessThan(BEADS.length);
		expect(ripeBeads(1)).toBe(BEADS.length);
		expect(ripeBeads(7)).toBe(BEADS.length);
	});
});
