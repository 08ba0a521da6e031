import { describe, expect, it } from 'vitest';
import { fromHex, toBase64Url, utf8 } from './bytes.ts';
import { createIdentity, isSmallOrderKey, parsePublicKey, sign, verifySignature } from './keys.ts';

const hex = (text: string) => fromHex(text) ?? new Uint8Array();
const ZERO_SIGNATURE = new Uint8Array(64);

describe('keys', () => {
	it.each([
		'0000000000000000000000000000000000000000000000000000000000000000',
		'0000000000000000000000000000000000000000000000000000000000000080',
		'0100000000000000000000000000000000000000000000000000000000000000',
		'0100000000000000000000000000000000000000000000000000000000000080',
		'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
		'26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
		'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
		'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'
	])('refuses the small-order key %s', async (text) => {
		expect(isSmallOrderKey(hex(text))).toBe(true);
		expect(parsePublicKey(toBase64Url(hex(text)))).toBeNull();
		expect(await verifySignature(hex(text), ZERO_SIGNATURE, utf8('x'))).toBe(false);
	});

	it('verifies the first vector of RFC 8032, and nothing that differs from it', async () => {
		const key = hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
		const sig = hex(
			'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'
		);
		expect(await verifySignature(key, sig, new Uint8Array())).toBe(true);
		expect(await verifySignature(key, sig, utf8('x'))).toBe(false);
		for (const at of [0, 31, 32, 63]) {
			const other = Uint8Array.from(sig, (byte, index) => (index === at ? byte ^ 1 : byte));
			expect(await verifySignature(key, other, new Uint8Array())).toBe(false);
		}
		expect(await verifySignature(key.slice(1), sig, new Uint8Array())).toBe(false);
		expect(await verifySignature(key, sig.slice(1), new Uint8Array())).toBe(false);
	});

	it('makes keys whose private half cannot be read', async () => {
		const { privateKey, publicKey } = await createIdentity();
		expect(privateKey.extractable).toBe(false);
		await expect(crypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow();
		const message = utf8('hello');
		expect(await verifySignature(publicKey, await sign(privateKey, message), message)).toBe(true);
	});

	it.each(['', 'AAAA', 'A'.repeat(44), `${'A'.repeat(42)}+`])('refuses %j as a key', (text) => {
		expect(parsePublicKey(text)).toBeNull();
	});
});
