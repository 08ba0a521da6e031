import type { Identity } from '../protocol/keys.ts';
import { keysDatabase } from './keys-database.ts';

const CONTRIBUTOR = 'contributor';

/**
 * This browser's lasting contributor key, made on first use. Two tabs that ask at once get the same.
 *
 * @throws DOMException where the browser keeps no IndexedDB (some private windows) or has no Ed25519
 */
export async function loadIdentity(): Promise<Identity> {
	const database = await keysDatabase();
	const fresh = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
	if (!('privateKey' in fresh)) throw new TypeError('Ed25519: expected a key pair');
	// One transaction decides which pair stays, since WebCrypto cannot be awaited inside of it.
	const transaction = database.transaction('keys', 'readwrite');
	const stored = await transaction.store.get(CONTRIBUTOR);
	if (!stored) await transaction.store.put(fresh, CONTRIBUTOR);
	await transaction.done;
	const pair = stored && 'privateKey' in stored ? stored : fresh;
	return {
		publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
		privateKey: pair.privateKey
	};
}
