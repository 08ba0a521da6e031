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

	const paid = { network: -217, payout: `0:${'ab'.repeat(32)}`, faceValues: ['10', '200', '3000'] };

	it('of paid jobs say where and with what', async () => {
		for (const jobs of ['paid', 'both'] as const) {
			const jws = await signOffer(identity.privateKey, { ...offer, jobs, paid });
			expect(await verifyOffer(jws, NOW)).toMatchObject({ ok: true, value: { offer: { paid } } });
		}
	});

	it.each<[string, object, string]>([
		['without terms', { jobs: 'paid' }, 'paid'],
		['free, with terms', { jobs: 'free', paid }, 'paid'],
		['with an unknown key', { paid: { ...paid, currency: 'USD' } }, 'paid.currency'],
		['with a payout that is no account', { paid: { ...paid, payout: 'me' } }, 'paid.payout'],
		['with one in capitals', { paid: { ...paid, payout: `0:${'AB'.repeat(32)}` } }, 'paid.payout'],
		['with nobody’s', { paid: { ...paid, payout: `0:${'0'.repeat(64)}` } }, 'paid.payout'],
		['on no network', { paid: { ...paid, network: 2 ** 31 } }, 'paid.network'],
		['with a face value of 0', { paid: { ...paid, faceValues: ['0'] } }, 'paid.faceValues'],
		['with one twice', { paid: { ...paid, faceValues: ['5', '5'] } }, 'paid.faceValues'],
		['with too many', { paid: { ...paid, faceValues: [...'12345'] } }, 'paid.faceValues'],
		['with none', { paid: { ...paid, faceValues: [] } }, 'paid.faceValues'],
		['with words', { paid: { ...paid, faceValues: ['ten'] } }, 'paid.faceValues.0']
	])('of paid jobs are refused by name %s', async (_, changes, field) => {
		const result = await verifyOffer(await forged({ ...offer, jobs: 'both', ...changes }), NOW);
		if (result.ok) throw new Error('not refused');
		expect(result.reason).toMatch(new RegExp(`^${field}: `));
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
