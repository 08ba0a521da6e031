import { keysDatabase } from './keys-database.ts';

/**
 * A lasting Ed25519 key pair of this browser, made on first use. Two tabs that ask at once get the same.
 *
 * @throws DOMException where the browser keeps no IndexedDB (some private windows) or has no Ed25519
 */
export async function loadKeyPair(
	name: 'contributor' | 'development-wallet'
): Promise<CryptoKeyPair> {
	const database = await keysDatabase();
	const fresh = await newKeyPair();
	// One transaction decides which pair stays, since WebCrypto cannot be awaited inside of it.
	const transaction = database.transaction('keys', 'readwrite');
	const stored = await transaction.store.get(name);
	if (!stored) await transaction.store.put(fresh, name);
	await transaction.done;
	return stored ?? fresh;
}

/** A pair whose private half can be used and stored here, and read out by nobody. */
export async function newKeyPair(): Promise<CryptoKeyPair> {
	const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
	if (!('privateKey' in pair)) throw new TypeError('Ed25519: expected a key pair');
	return pair;
}
