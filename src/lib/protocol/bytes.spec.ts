import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	concat,
	fromBase64Url,
	fromHex,
	fromUtf8,
	toBase64Url,
	toHex,
	u32,
	u64,
	utf8
} from './bytes.ts';

const bytes = () => fc.uint8Array({ maxLength: 300 });

describe('bytes', () => {
	it('base64url and hex give back what they were given', () => {
		fc.assert(
			fc.property(bytes(), (value) => {
				expect(fromBase64Url(toBase64Url(value))).toEqual(new Uint8Array(value));
				expect(fromHex(toHex(value))).toEqual(new Uint8Array(value));
			})
		);
	});

	it('base64url has one text for each byte string', () => {
		fc.assert(
			fc.property(fc.stringMatching(/^[\w-]{0,12}$/), (text) => {
				const bytes = new Uint8Array(Buffer.from(text, 'base64url'));
				expect(fromBase64Url(text)).toEqual(toBase64Url(bytes) === text ? bytes : null);
			})
		);
		fc.assert(fc.property(fc.string(), (text) => void fromBase64Url(text)));
		expect(fromBase64Url('AB')).toBeNull(); // non-zero trailing bits
		expect(fromBase64Url('AA')).toEqual(new Uint8Array([0]));
		expect(fromBase64Url('AA==')).toBeNull();
		expect(fromBase64Url('A+/A')).toBeNull();
	});

	it('integers are big-endian', () => {
		expect(toHex(u32(0x01020304))).toBe('01020304');
		expect(toHex(u64(258n))).toBe('0000000000000102');
		expect(toHex(u64(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff');
	});

	it('UTF-8 that is broken is refused', () => {
		expect(fromUtf8(new Uint8Array([0xff]))).toBeNull();
		expect(fromUtf8(new Uint8Array([0xf0, 0x9f, 0x98]))).toBeNull();
		expect(fromUtf8(utf8('\ufeffé😀'))).toBe('\ufeffé😀');
	});

	it('concat joins in order', () => {
		expect(toHex(concat(new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])))).toBe(
			'010203'
		);
	});
});
