import { firstKept } from './keys-database.ts';

/**
 * A lasting Ed25519 key pair of this browser, made on first use. Two tabs that ask at once get the same.
 *
 * @throws DOMException where the browser keeps no IndexedDB (some private windows) or has no Ed25519
 */
export async function loadKeyPair(
	name: 'contributor' | 'development-wallet'
): Promise<CryptoKeyPair> {
	const pair = await firstKept(name, await newKeyPair());
	if (!('privateKey' in pair)) throw new TypeError(`${name}: expected a key pair`);
	return pair;
}

/** A pair whose private half can be used and stored here, and read out by nobody. */
export async function newKeyPair(): Promise<CryptoKeyPair> {
	const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
	if (!('privateKey' in pair)) throw new TypeError('Ed25519: expected a key pair');
	return pair;
}
