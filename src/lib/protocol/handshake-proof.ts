import { concat, sha256, utf8, type Bytes } from './bytes.ts';
import { sign, verifySignature } from './keys.ts';

export type Role = 'requester' | 'contributor';

export const otherRole = (role: Role): Role => (role === 'requester' ? 'contributor' : 'requester');

/** One side's part of the transcript: its hello as sent, and its DTLS certificate's hash. */
export interface HandshakeSide {
	hello: string;
	fingerprint: Bytes;
}

/**
 * T, what both proofs sign: the two hellos and the two DTLS fingerprints. A relay in the middle has
 * certificates of its own, so its two connections have two different transcripts.
 */
export async function handshakeTranscript(
	requester: HandshakeSide,
	contributor: HandshakeSide
): Promise<Bytes> {
	return sha256(
		concat(
			utf8('mulberry/1 handshake\n'),
			await sha256(utf8(requester.hello)),
			await sha256(utf8(contributor.hello)),
			requester.fingerprint,
			contributor.fingerprint
		)
	);
}

const proofBytes = (role: Role, transcript: Bytes) =>
	concat(utf8(`mulberry/1 proof ${role}\n`), transcript);

export function signProof(privateKey: CryptoKey, role: Role, transcript: Bytes): Promise<Bytes> {
	return sign(privateKey, proofBytes(role, transcript));
}

export function verifyProof(
	key: Bytes,
	role: Role,
	transcript: Bytes,
	sig: Bytes
): Promise<boolean> {
	return verifySignature(key, sig, proofBytes(role, transcript));
}
