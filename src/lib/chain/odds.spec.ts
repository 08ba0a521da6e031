import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitPrice } from '../protocol/amounts.ts';
import { expectedNano, maxPriceNano, oddsFor } from './odds.ts';

const ONE = 1n << 64n;
const faceValue = fc.bigInt({ min: 20n, max: 10n ** 15n });
const priced = faceValue.chain((faceValueNano) =>
	fc
		.bigInt({ min: 1n, max: maxPriceNano(faceValueNano) })
		.map((priceNano) => ({ faceValueNano, priceNano }))
);

describe('odds', () => {
	it('make a ticket worth its price, and not by one unit more than needed', () => {
		fc.assert(
			fc.property(priced, ({ faceValueNano, priceNano }) => {
				const odds = oddsFor(priceNano, faceValueNano);
				expect(odds * faceValueNano).toBeGreaterThanOrEqual(priceNano * ONE);
				expect((odds - 1n) * faceValueNano).toBeLessThan(priceNano * ONE);
				expect(expectedNano(odds, faceValueNano)).toBe(priceNano);
			})
		);
	});

	it('are those of the design: 2^64 times price over face value, rounded up', () => {
		expect(oddsFor(1n, 20_000_000n)).toBe(922_337_203_686n);
		expect(oddsFor(1_000_000n, 20_000_000n)).toBe(ONE / 20n + 1n);
		expect(oddsFor(1n, 32n)).toBe(ONE / 32n);
	});

	it('are refused for nothing, for less, and for more than a twentieth of the face value', () => {
		for (const priceNano of [0n, -1n, 1_000_001n]) {
			expect(() => oddsFor(priceNano, 20_000_000n)).toThrow(RangeError);
		}
		expect(() => oddsFor(1n, 0n)).toThrow(RangeError);
	});
});

describe('a dear prompt', () => {
	it('is paid in parts that together cost exactly its price, each within one ticket', () => {
		fc.assert(
			fc.property(faceValue, fc.integer({ min: 0, max: 100 }), fc.nat(), (face, full, rest) => {
				const maxNano = maxPriceNano(face);
				const priceNano = BigInt(full) * maxNano + (BigInt(rest) % maxNano);
				const parts = splitPrice(priceNano, maxNano);
				expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(priceNano);
				for (const part of parts) expect(() => oddsFor(part, face)).not.toThrow();
				expect(parts.length).toBe(full + (BigInt(rest) % maxNano > 0n ? 1 : 0));
			})
		);
	});
});
