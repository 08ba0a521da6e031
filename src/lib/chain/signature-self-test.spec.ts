import { describe, expect, it } from 'vitest';
import type { Bytes } from '../protocol/bytes.ts';
import {
	failedSignatureVectors,
	SIGNATURE_VECTORS,
	SMALL_ORDER_FORGERIES
} from './signature-self-test.ts';

describe('the signature self-test', () => {
	it('passes on this platform', async () => {
		expect(await failedSignatureVectors()).toEqual([]);
	});

	it('names every vector that a lax verifier takes', async () => {
		const failed = await failedSignatureVectors(async () => true);
		const invalid = SIGNATURE_VECTORS.filter(({ isValid }) => !isValid);
		expect(failed).toHaveLength(invalid.length + SMALL_ORDER_FORGERIES.length);
		expect(failed).toEqual(expect.arrayContaining(invalid.map(({ name }) => name)));
	});

	it('names the plain signature when a verifier refuses everything', async () => {
		expect(await failedSignatureVectors(async () => false)).toEqual(['plain']);
	});

	it('notices a verifier that reduces S modulo the group order', async () => {
		const order = (1n << 252n) + 27742317777372353535851937790883648493n;
		const reducing = async (key: Bytes, signature: Bytes, message: Bytes) => {
			const s = Uint8Array.from(signature.subarray(32)).reverse();
			const value = BigInt(`0x${Buffer.from(s).toString('hex')}`) % order;
			const reduced = Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
			const canonical = new Uint8Array([...signature.subarray(0, 32), ...reduced]);
			const handle = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
			return crypto.subtle.verify('Ed25519', handle, canonical, message);
		};
		expect(await failedSignatureVectors(reducing)).toContain('S + L');
	});
});
