import { createHash } from 'node:crypto';
import type { Bytes } from '../../../src/lib/protocol/bytes.ts';
import type { Identity } from '../../../src/lib/protocol/keys.ts';

/** The start of an Ed25519 private key in PKCS #8 (RFC 8410); the 32 bytes of the seed follow. */
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex');

export function hashOf(text: string): Bytes {
	return new Uint8Array(createHash('sha256').update(text).digest());
}

export const seedOf = (name: string): Bytes => hashOf(`test key ${name}`);

/** A key pair that is the same in every run. */
export async function identityFrom(name: string): Promise<Identity> {
	const pkcs8 = Buffer.concat([PKCS8_START, seedOf(name)]);
	const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
	const { x } = await crypto.subtle.exportKey('jwk', privateKey);
	return { privateKey, publicKey: new Uint8Array(Buffer.from(x ?? '', 'base64url')) };
}
