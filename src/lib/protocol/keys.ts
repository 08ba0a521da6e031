import { fromBase64Url, toHex, type Bytes } from './bytes.ts';

/**
 * The encodings of the eight points of small order, and their non-canonical forms. Under such a key
 * one signature fits many messages, and verifiers disagree about it.
 * Source: the list in libsodium's `ge25519_has_small_order`, RFC 8032 section 8.9 for the reason.
 */
const SMALL_ORDER_KEYS = new Set([
	'0000000000000000000000000000000000000000000000000000000000000000',
	'0100000000000000000000000000000000000000000000000000000000000000',
	'26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
	'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
	'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
	'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
	'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'
]);

/** True if no signature under this 32-byte key can be trusted. */
export function isSmallOrderKey(key: Uint8Array): boolean {
	const unsigned = Uint8Array.from(key);
	unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
	return SMALL_ORDER_KEYS.has(toHex(unsigned));
}

/** A usable Ed25519 public key from base64url, or `null`. */
export function parsePublicKey(text: string): Bytes | null {
	const key = fromBase64Url(text);
	return key?.length === 32 && !isSmallOrderKey(key) ? key : null;
}

/** A WebCrypto handle of a public key, for `verify` only. */
export function importPublicKey(key: Bytes): Promise<CryptoKey> {
	return crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
}

/** Whether `signature` is `key`'s over `message`. False for small-order keys and malformed input. */
export async function verifySignature(
	key: Bytes,
	signature: Bytes,
	message: Bytes
): Promise<boolean> {
	if (key.length !== 32 || signature.length !== 64 || isSmallOrderKey(key)) return false;
	try {
		return await crypto.subtle.verify('Ed25519', await importPublicKey(key), signature, message);
	} catch {
		return false;
	}
}

export async function sign(privateKey: CryptoKey, message: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message));
}

/** A peer's Ed25519 key pair; the private half never leaves WebCrypto. */
export interface Identity {
	publicKey: Bytes;
	privateKey: CryptoKey;
}

/** @throws DOMException NotSupportedError in a browser without Ed25519 in WebCrypto */
export async function createIdentity(): Promise<Identity> {
	const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
	if (!('privateKey' in pair)) throw new TypeError('Ed25519: expected a key pair');
	return {
		publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
		privateKey: pair.privateKey
	};
}
