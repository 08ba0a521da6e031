import { describe, expect, it } from 'vitest';
import { Address } from '@ton/core';
import { friendlyAddress } from './address-text.ts';
import { readPayout } from './payout-address.ts';

const ACCOUNT = `0:${'5a'.repeat(32)}`;
const form = (isBounceable: boolean, isTest: boolean, raw = ACCOUNT) =>
	friendlyAddress(raw, { isBounceable, isTest });

describe('a payout address', () => {
	it.each([
		['raw', ACCOUNT, false],
		['raw in capitals', ACCOUNT.toUpperCase(), false],
		['for wallets', form(false, false), false],
		['for contracts', form(true, false), true],
		['with spaces around', `  ${form(false, false)}\n`, false]
	])('is read in the form %s', (_, text, isBounceable) => {
		expect(readPayout(text, true)).toEqual({ ok: true, account: ACCOUNT, isBounceable });
	});

	it('is read as the standard library reads it', () => {
		for (const text of [form(false, false), form(true, true)]) {
			expect(readPayout(text, false)).toMatchObject({
				account: Address.parse(text).toRawString()
			});
		}
	});

	it('of a test network is refused where coins have value, and taken elsewhere', () => {
		for (const isBounceable of [false, true]) {
			const text = form(isBounceable, true);
			expect(readPayout(text, true)).toEqual({ ok: false, fault: 'test_only' });
			expect(readPayout(text, false)).toEqual({ ok: true, account: ACCOUNT, isBounceable });
		}
	});

	it('with one character changed anywhere is refused', () => {
		const text = form(false, false);
		for (let at = 0; at < text.length; at++) {
			const other = text[at] === 'A' ? 'B' : 'A';
			const changed = text.slice(0, at) + other + text.slice(at + 1);
			expect(readPayout(changed, true)).toEqual({ ok: false, fault: 'mistyped' });
		}
	});

	it.each([
		['not_an_address', ''],
		['not_an_address', 'somebody.ton'],
		['not_an_address', form(false, false).slice(1)],
		['not_an_address', `1:${'5a'.repeat(32)}`],
		['masterchain', `-1:${'5a'.repeat(32)}`],
		['masterchain', form(false, false, `-1:${'5a'.repeat(32)}`)],
		['nobody', `0:${'0'.repeat(64)}`],
		['nobody', form(true, false, `0:${'0'.repeat(64)}`)]
	])('is refused as %s: “%s”', (fault, text) => {
		expect(readPayout(text, true)).toEqual({ ok: false, fault });
	});
});
