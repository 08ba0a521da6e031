import { expect, it } from 'vitest';
import { toHex } from '../protocol/bytes.ts';
import { accountOf } from './account.ts';
import { tonProofDigest } from './ton-proof.ts';

it('hashes as the specification says', async () => {
	// Computed from the specification's formula with Python's struct and hashlib.
	const digest = await tonProofDigest({
		account: accountOf(Uint8Array.from({ length: 32 }, (_, index) => index)),
		domain: 'mulberry.example',
		timestamp: 1_790_000_000,
		payload: 'é nonce'
	});
	expect(toHex(digest)).toBe('cf90cc8c4bf33e8076d7d1055876216c47bbe1c201b3717a3d88b99bd28a1d65');
});
