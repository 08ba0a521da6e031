import type { Identity } from '../protocol/keys.ts';
import { keysDatabase } from './keys-database.ts';

const LASTING_SECRET = 'ticket-secret';

/**
 * A key pair that signs tickets, made on first use and never readable. A purse names it for ever, so each
 * purse has a slot of its own. Two tabs that ask at once get the same.
 *
 * @throws DOMException where the browser keeps no IndexedDB or has no Ed25519
 */
export async function loadSessionKey(slot = 'purse'): Promise<Identity> {
	const fresh = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
	if (!('privateKey' in fresh)) throw new TypeError('Ed25519: expected a key pair');
	const pair = await firstOf(`session/${slot}`, fresh);
	if (!('privateKey' in pair)) throw new TypeError(`session/${slot}: expected a key pair`);
	return {
		publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
		privateKey: pair.privateKey
	};
}

/**
 * The HMAC key that all secrets behind a contributor's commits are made from: with it a winner can be
 * redeemed after any crash.
 */
export async function loadLastingSecret(): Promise<CryptoKey> {
	const hmac = { name: 'HMAC', hash: 'SHA-256' } as const;
	const fresh = await crypto.subtle.generateKey(hmac, false, ['sign']);
	const key = await firstOf(LASTING_SECRET, fresh);
	if ('privateKey' in key) throw new TypeError(`${LASTING_SECRET}: expected a key`);
	return key;
}

/** What is stored under this name, or else `fresh` from now on. */
async function firstOf<T extends CryptoKey | CryptoKeyPair>(
	name: string,
	fresh: T
): Promise<CryptoKey | CryptoKeyPair> {
	const transaction = (await keysDatabase()).transaction('keys', 'readwrite');
	const stored = await transaction.store.get(name);
	if (!stored) await transaction.store.put(fresh, name);
	await transaction.done;
	return stored ?? fresh;
}
