import { Address } from '@ton/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { friendlyAddress, rawAddress } from './address-text.ts';

const address = fc
	.tuple(fc.constantFrom(0, -1), fc.uint8Array({ minLength: 32, maxLength: 32 }))
	.map(([workchain, hash]) => new Address(workchain, Buffer.from(hash)));

it('reads and writes what @ton/core writes, in every form', () => {
	fc.assert(
		fc.property(
			address,
			fc.boolean(),
			fc.boolean(),
			fc.boolean(),
			(one, urlSafe, bounceable, testOnly) => {
				expect(rawAddress(one.toString({ urlSafe, bounceable, testOnly }))).toBe(one.toRawString());
				expect(rawAddress(one.toRawString().toUpperCase())).toBe(one.toRawString());
				const isTest = testOnly;
				expect(friendlyAddress(one.toRawString(), { isBounceable: bounceable, isTest })).toBe(
					one.toString({ bounceable, testOnly })
				);
			}
		)
	);
});

it('notices every single wrong character', () => {
	const text = new Address(0, Buffer.alloc(32, 5)).toString();
	for (let at = 0; at < text.length; at++) {
		const wrong = text[at] === 'A' ? 'B' : 'A';
		expect(rawAddress(text.slice(0, at) + wrong + text.slice(at + 1))).toBeNull();
	}
});

it.each([
	'',
	'0:',
	`0:${'a'.repeat(63)}`,
	`1:${'a'.repeat(64)}`,
	`0:${'g'.repeat(64)}`,
	'A'.repeat(48),
	`${new Address(0, Buffer.alloc(32)).toString()} `,
	new Address(5, Buffer.alloc(32)).toString()
])('refuses %j', (text) => {
	expect(rawAddress(text)).toBeNull();
});
