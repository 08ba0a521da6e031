import { firstKept } from './keys-database.ts';

const LASTING_SECRET = 'ticket-secret';

/**
 * The HMAC key that all secrets behind a contributor's commits are made from: with it a winner can be
 * redeemed after any crash.
 *
 * @throws DOMException where the browser keeps no IndexedDB
 */
export async function loadLastingSecret(): Promise<CryptoKey> {
	const hmac = { name: 'HMAC', hash: 'SHA-256' } as const;
	const fresh = await crypto.subtle.generateKey(hmac, false, ['sign']);
	const key = await firstKept(LASTING_SECRET, fresh);
	if ('privateKey' in key) throw new TypeError(`${LASTING_SECRET}: expected a key`);
	return key;
}
