import { beforeEach, describe, expect, it } from 'vitest';
import { toBase64Url } from '../protocol/bytes.ts';
import type { PeerId } from '../protocol/ids.ts';
import { signOffer, signWithdrawal, type Offer } from '../protocol/offer.ts';
import { Directory } from './directory.ts';
import { newKey, offerOf, type TestKey } from './testing/offers.ts';

const T0 = 1_700_000_000_000;
const nobody = new Set<string>();

let absent: Set<PeerId>;
let directory: Directory;
beforeEach(() => {
	absent = new Set();
	directory = new Directory({
		isPresent: (id) => !absent.has(id),
		maxOffers: 3,
		random: () => 0.5
	});
});

const signed = (key: TestKey, changes: Partial<Offer> = {}) =>
	signOffer(key.privateKey, offerOf(key, { issued: T0, ...changes }));
const find = (nowMs: number, more: Partial<Parameters<Directory['find']>[0]> = {}) =>
	directory.find({ model: 'tiny', exclude: nobody, count: 8, ...more }, nowMs);

describe('a search for one kind of job', () => {
	it('finds those that take it', async () => {
		const [free, paid, both] = [await newKey(), await newKey(), await newKey()];
		const terms = { network: -217, payout: `0:${'ab'.repeat(32)}`, faceValues: ['20000000'] };
		await directory.post(await signed(free), T0);
		await directory.post(await signed(paid, { jobs: 'paid', paid: terms }), T0);
		await directory.post(await signed(both, { jobs: 'both', paid: terms }), T0);
		const ids = (jobs?: 'free' | 'paid') => find(T0, { jobs }).map(({ peer }) => peer);
		expect(new Set(ids('free'))).toEqual(new Set([free.id, both.id]));
		expect(new Set(ids('paid'))).toEqual(new Set([paid.id, both.id]));
		expect(ids()).toHaveLength(3);
	});
});

describe('posting an offer', () => {
	it('makes it findable until it expires', async () => {
		const key = await newKey();
		const jws = await signed(key);
		expect(await directory.post(jws, T0)).toEqual({ ok: true, expires: T0 + 60_000 });
		expect(find(T0 + 59_999).map(({ jws }) => jws)).toEqual([jws]);
		expect(find(T0 + 60_000)).toEqual([]);
	});

	it('is refused when another key signed it', async () => {
		const [key, other] = [await newKey(), await newKey()];
		const forged = await signOffer(other.privateKey, offerOf(key, { issued: T0 }));
		expect(await directory.post(forged, T0)).toMatchObject({ ok: false, code: 'bad_offer' });
		expect(find(T0)).toEqual([]);
	});

	it.each([
		['is in the past', { issued: T0 - 70_000, expires: T0 - 10_000 }, 'expires'],
		['is too far ahead', { expires: T0 + 70_000 }, 'expires'],
		['was issued in the future', { issued: T0 + 6_000, expires: T0 + 60_000 }, 'issued'],
		['ends before it begins', { issued: T0 + 4_000, expires: T0 + 3_000 }, 'expires'],
		['has no model', { models: [] }, 'models']
	])('is refused by name when it %s', async (_name, changes, field) => {
		const result = await directory.post(await signed(await newKey(), changes), T0);
		expect(result).toMatchObject({ ok: false, code: 'bad_offer', field });
	});

	it.each([null, 7, '', 'a.b.c', 'x'.repeat(9000), `${'A'.repeat(40)}.${'A'.repeat(40)}.A`])(
		'of something else (%j) is refused without throwing',
		async (value) => {
			expect(await directory.post(value, T0)).toMatchObject({ ok: false, code: 'bad_offer' });
		}
	);

	it('replaces the key’s older offer, and only a newer one does', async () => {
		const key = await newKey();
		const older = await signed(key, { slots: 1 });
		const newer = await signed(key, { slots: 3, issued: T0 + 1, expires: T0 + 60_000 });
		await directory.post(newer, T0 + 1);
		expect(await directory.post(older, T0 + 2)).toMatchObject({ ok: false, code: 'replaced' });
		expect(await directory.post(newer, T0 + 2)).toMatchObject({ ok: false, code: 'replaced' });
		expect(find(T0 + 2).map(({ jws }) => jws)).toEqual([newer]);
	});

	it('when the directory is full takes the place of a contributor that is gone, or is refused', async () => {
		const keys = await Promise.all([1, 2, 3, 4, 5].map(() => newKey()));
		const results = [];
		for (const key of keys.slice(0, 4)) results.push(await directory.post(await signed(key), T0));
		expect(results.map(({ ok }) => ok)).toEqual([true, true, true, false]);
		expect(results[3]).toMatchObject({ code: 'directory_full' });
		const [gone] = keys;
		const last = keys[4];
		if (!gone || !last) throw new Error('no keys');
		absent.add(gone.id);
		expect(await directory.post(await signed(last), T0)).toMatchObject({ ok: true });
	});
});

describe('withdrawing an offer', () => {
	it('takes it away at once, and the same offer cannot be posted again', async () => {
		const key = await newKey();
		const jws = await signed(key);
		await directory.post(jws, T0);
		const withdrawal = await signWithdrawal(key.privateKey, key.publicKey, T0);
		expect(await directory.withdraw(withdrawal, T0 + 1)).toBe(true);
		expect(find(T0 + 1)).toEqual([]);
		expect(await directory.post(jws, T0 + 2)).toMatchObject({ ok: false, code: 'replaced' });
		const newer = await signed(key, { issued: T0 + 3, expires: T0 + 60_000 });
		expect(await directory.post(newer, T0 + 3)).toMatchObject({ ok: true });
	});

	it('does not touch a newer offer', async () => {
		const key = await newKey();
		await directory.post(await signed(key), T0);
		await directory.withdraw(await signWithdrawal(key.privateKey, key.publicKey, T0 - 1), T0);
		expect(find(T0)).toHaveLength(1);
	});

	it('is refused when another key signed it', async () => {
		const [key, other] = [await newKey(), await newKey()];
		await directory.post(await signed(key), T0);
		const forged = await signWithdrawal(other.privateKey, key.publicKey, T0);
		expect(await directory.withdraw(forged, T0)).toBe(false);
		expect(find(T0)).toHaveLength(1);
	});
});

describe('finding contributors', () => {
	it('does not offer somebody who has no signalling socket, and does again when they are back', async () => {
		const key = await newKey();
		await directory.post(await signed(key), T0);
		absent.add(key.id);
		expect(find(T0)).toEqual([]);
		absent.delete(key.id);
		expect(find(T0)).toHaveLength(1);
	});

	it('filters by model, digest, peer and exclusion', async () => {
		const key = await newKey();
		await directory.post(await signed(key), T0);
		const digest = toBase64Url(new Uint8Array(32));
		expect(find(T0, { model: 'other' })).toEqual([]);
		expect(find(T0, { digest })).toHaveLength(1);
		expect(find(T0, { digest: toBase64Url(new Uint8Array(32).fill(1)) })).toEqual([]);
		expect(find(T0, { exclude: new Set([key.id]) })).toEqual([]);
		expect(find(T0, { peer: key.id })).toHaveLength(1);
		expect(find(T0, { peer: (await newKey()).id })).toEqual([]);
	});

	it('prefers free, fast contributors with short waits, and still finds a busy one', async () => {
		const counts = { free: 0, busy: 0 };
		let state = 1;
		directory = new Directory({
			isPresent: () => true,
			maxOffers: 10,
			random: () => {
				state = (state * 16_807) % 2_147_483_647;
				return state / 2_147_483_647;
			}
		});
		const [free, busy] = [await newKey(), await newKey()];
		await directory.post(await signed(free), T0);
		await directory.post(await signed(busy, { slots: 0, waitMs: 1_000 }), T0);
		for (let n = 0; n < 4_000; n += 1) {
			const [first] = find(T0, { count: 1 });
			counts[first?.peer === free.id ? 'free' : 'busy'] += 1;
		}
		// Weights 20 and 20 × 0.05 / 2: one draw in 41 goes to the busy one.
		expect(counts.busy).toBeGreaterThan(4_000 / 41 - 40);
		expect(counts.busy).toBeLessThan(4_000 / 41 + 40);
	});
});
