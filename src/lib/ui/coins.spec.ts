import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimalOf, editableCoins, formatCoins, parseCoins } from './coins.ts';

const amount = fc.bigInt({ min: 1n, max: 10n ** 17n });

describe('amounts', () => {
	it('written and read again are the same', () => {
		fc.assert(
			fc.property(amount, (nano) => {
				expect(parseCoins(decimalOf(nano))).toBe(nano);
				expect(parseCoins(decimalOf(nano).replace('.', ','))).toBe(nano);
			})
		);
	});

	it('stand in a field as the language writes them', () => {
		expect(editableCoins(200_000_000n, 'fr')).toBe('0,2');
		expect(editableCoins(200_000_000n, 'en')).toBe('0.2');
		expect(editableCoins(5_000_000_000n, 'fr')).toBe('5');
	});

	it.each([
		[1_234_567_890n, 'en', '1.2345 TON'],
		[1_999_999_999n, 'en', '1.9999 TON'],
		[1_234_567_890n, 'fr', '1,2345 TON'],
		[58_000n, 'en', '0.000058 TON'],
		[1n, 'en', '0.000000001 TON'],
		[0n, 'en', '0 TON'],
		[-20_000_000n, 'en', '-0.02 TON'],
		[9_007_199_254_740_993n, 'en', '9,007,199.2547 TON']
	] as const)('%i nano in %s is %s', (nano, locale, text) => {
		expect(formatCoins(nano, 'TON', locale)).toBe(text);
	});

	it.each(['', '0', '0,0', '-1', '1e3', '1.', '.5', '1.0000000001', '1 000', 'abc', '9999999999'])(
		'“%s” is none',
		(text) => {
			expect(parseCoins(text)).toBeNull();
		}
	);
});
