import { CompactSign } from 'jose';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from './bytes.ts';
import { contributorPeerId } from './ids.ts';
import { createIdentity } from './keys.ts';
import { signOffer, signWithdrawal, verifyOffer, verifyWithdrawal, type Offer } from './offer.ts';

const NOW = 1_800_000_000_000;
const identity = await createIdentity();
const other = await createIdentity();
const offer: Offer = {
	v: 1,
	key: toBase64Url(identity.publicKey),
	models: [
		{
			id: 'tiny',
			digest: 'A'.repeat(43),
			engine: 'wllama',
			contextTokens: 512,
			tokensPerSecond: 12.5,
			promptPrice: '0',
			completionPrice: '0'
		}
	],
	slots: 1,
	waitMs: 0,
	jobs: 'free',
	features: [],
	limits: { maxTokens: 512 },
	issued: NOW,
	expires: NOW + 60_000
};

const forged = (payload: object, typ = 'mulberry-offer', key = identity.privateKey) =>
	new CompactSign(utf8(JSON.stringify(payload)))
		.setProtectedHeader({ alg: 'EdDSA', typ })
		.sign(key);

describe('offers', () => {
	it('come back whole, with the peer that their key names', async () => {
		const jws = await signOffer(identity.privateKey, offer);
		expect(await verifyOffer(jws, NOW)).toEqual({
			ok: true,
			value: {
				jws,
				offer,
				key: identity.publicKey,
				peer: contributorPeerId(identity.publicKey)
			}
		});
	});

	it.each([
		['another key signed', () => forged(offer, 'mulberry-offer', other.privateKey)],
		['it is a statement of another type', () => forged(offer, 'mulberry-withdrawal')],
		['it has expired', () => forged({ ...offer, expires: NOW })],
		['it would live too long', () => forged({ ...offer, expires: NOW + 70_000 })],
		['it names no model', () => forged({ ...offer, models: [] })],
		['the key is zero', () => forged({ ...offer, key: 'A'.repeat(43) })],
		[
			'a price is negative',
			() => forged({ ...offer, models: [{ ...offer.models[0], promptPrice: '-1' }] })
		]
	])('are refused when %s', async (_, make) => {
		expect((await verifyOffer(await make(), NOW)).ok).toBe(false);
	});

	it('are refused for any changed character', async () => {
		const jws = await signOffer(identity.privateKey, offer);
		await fc.assert(
			fc.asyncProperty(
				fc.nat(jws.length - 1),
				fc.constantFrom('A', 'b', '.', '_'),
				async (at, c) => {
					fc.pre(jws[at] !== c);
					const changed = jws.slice(0, at) + c + jws.slice(at + 1);
					expect((await verifyOffer(changed, NOW)).ok).toBe(false);
				}
			),
			{ numRuns: 200 }
		);
	});

	it('are values for any input', async () => {
		await fc.assert(
			fc.asyncProperty(fc.anything(), async (input) => {
				expect((await verifyOffer(input, NOW)).ok).toBe(false);
				expect(await verifyWithdrawal(input)).toBeNull();
			})
		);
	});

	it('are withdrawn only by their own key', async () => {
		const jws = await signWithdrawal(identity.privateKey, identity.publicKey, NOW);
		expect(await verifyWithdrawal(jws)).toEqual({
			peer: contributorPeerId(identity.publicKey),
			issued: NOW
		});
		const stolen = await signWithdrawal(other.privateKey, identity.publicKey, NOW);
		expect(await verifyWithdrawal(stolen)).toBeNull();
	});
});
