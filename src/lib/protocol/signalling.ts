import { concat, fromBase64Url, toBase64Url, utf8, type Bytes } from './bytes.ts';
import { sign, verifySignature } from './keys.ts';

/**
 * Admission to the signalling server. A socket whose id names a key brings, in PeerJS's `token`
 * field, `challenge.signature`: a challenge that the server gave out once, signed with that key.
 * A requester's id names no key, and its token is any random text.
 */
const signedBytes = (peerId: string, challenge: Bytes) =>
	concat(utf8(`mulberry/1 signalling\n${peerId}\n`), challenge);

/** The `token` with which a PeerJS socket of a contributor proves its id. */
export async function admissionToken(
	privateKey: CryptoKey,
	peerId: string,
	challenge: Bytes
): Promise<string> {
	const sig = await sign(privateKey, signedBytes(peerId, challenge));
	return `${toBase64Url(challenge)}.${toBase64Url(sig)}`;
}

/** The parts of a token, or `null` where it is not one. */
export function parseAdmissionToken(token: string): { challenge: Bytes; sig: Bytes } | null {
	const [challengeText, sigText, ...rest] = token.split('.');
	if (challengeText === undefined || sigText === undefined || rest.length > 0) return null;
	const challenge = fromBase64Url(challengeText);
	const sig = fromBase64Url(sigText);
	return challenge?.length === 32 && sig?.length === 64 ? { challenge, sig } : null;
}

export function verifyAdmission(
	key: Bytes,
	peerId: string,
	challenge: Bytes,
	sig: Bytes
): Promise<boolean> {
	return verifySignature(key, sig, signedBytes(peerId, challenge));
}
