import type { Identity } from '../protocol/keys.ts';
import { loadKeyPair } from './key-pairs.ts';

/**
 * This browser's lasting contributor key, made on first use.
 *
 * @throws DOMException where the browser keeps no IndexedDB (some private windows) or has no Ed25519
 */
export async function loadIdentity(): Promise<Identity> {
	const pair = await loadKeyPair('contributor');
	return {
		publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
		privateKey: pair.privateKey
	};
}
