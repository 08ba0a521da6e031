import { toBase64Url } from '../../protocol/bytes.ts';
import { contributorPeerId, type PeerId } from '../../protocol/ids.ts';
import { signOffer, type Offer } from '../../protocol/offer.ts';

/** A scripted contributor's key and offers. */

export interface TestKey {
	privateKey: CryptoKey;
	publicKey: Uint8Array;
	id: PeerId;
}

export async function newKey(): Promise<TestKey> {
	const pair = (await crypto.subtle.generateKey('Ed25519', false, [
		'sign',
		'verify'
	])) as CryptoKeyPair;
	const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
	return { privateKey: pair.privateKey, publicKey, id: contributorPeerId(publicKey) };
}

/** An offer of one model, valid for a minute from `issued`. */
export function offerOf(key: TestKey, changes: Partial<Offer> = {}): Offer {
	const issued = changes.issued ?? Date.now();
	return {
		v: 1,
		key: toBase64Url(key.publicKey),
		models: [
			{
				id: 'tiny',
				digest: toBase64Url(new Uint8Array(32)),
				engine: 'wllama',
				contextTokens: 512,
				tokensPerSecond: 20,
				promptPrice: '0',
				completionPrice: '0'
			}
		],
		slots: 1,
		waitMs: 0,
		jobs: 'free',
		features: [],
		limits: { maxTokens: 256 },
		issued,
		expires: issued + 60_000,
		...changes
	};
}

export async function postOffer(
	port: number,
	key: TestKey,
	changes: Partial<Offer> = {}
): Promise<Response> {
	return fetch(`http://127.0.0.1:${port}/api/offers`, {
		method: 'POST',
		headers: { 'content-type': 'text/plain' },
		body: await signOffer(key.privateKey, offerOf(key, changes))
	});
}

/** The capability that the directory hands out for this contributor, which must be connected. */
export async function capabilityFor(port: number, key: TestKey): Promise<string> {
	await postOffer(port, key);
	const response = await fetch(`http://127.0.0.1:${port}/api/offers?model=tiny&peer=${key.id}`);
	const { offers } = (await response.json()) as { offers: { capability: string }[] };
	const [found] = offers;
	if (!found) throw new Error('the directory did not offer the contributor');
	return found.capability;
}
