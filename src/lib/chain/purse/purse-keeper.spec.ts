import 'fake-indexeddb/auto';
import { Address } from '@ton/core';
import type { TonClient } from '@ton/ton';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCoordinator, type TestCoordinator } from '../../server/testing/start-coordinator.ts';
import { newKeyPair } from '../../store/key-pairs.ts';
import { openPurseStore } from '../../store/purses.ts';
import type { PurseStore } from '../../store/purse-records.ts';
import { parseAccount, type Account } from '../account.ts';
import { askFaucet } from '../coordinator-chain.ts';
import { eventually, TestWallet } from '../testing/test-wallet.ts';
import { WalletPage } from '../testing/wallet-page.ts';
import { openTonClient } from '../ton-client.ts';
import { LivePurse } from './live-purse.ts';
import type { Visibility } from './poller.ts';
import { PurseKeeper, type PurseSnapshot } from './purse-keeper.ts';
import type { OwnerWallet } from './purse-operations.ts';
import { closableAt, RESERVE_NANO, withdrawableNano } from './purse-terms.ts';

const TON = 1_000_000_000n;
const BLOCK_MS = 100;
const HOUR_SECONDS = 3_600;

let server: TestCoordinator;
let url: URL;
let client: TonClient;
beforeAll(async () => {
	server = await startCoordinator({
		...{ devnetBlockMs: BLOCK_MS, allowsTimeTravel: true, faucetGrantsPerHour: 1_000 },
		...{ requestsPerSecond: 10_000, chainRequestsPerSecond: 10_000 }
	});
	url = new URL(`http://127.0.0.1:${server.port}`);
	client = await openTonClient(url);
});
afterAll(() => server.close());

const seen: Visibility = { isHidden: () => false, onChange: () => () => {} };
let names = 0;
const freshStore = () => openPurseStore(`purses-${++names}`);

/** A browser: its store, its keeper, and whoever looks at it. */
async function browser(store?: PurseStore) {
	const kept = store ?? (await freshStore());
	const keeper = new PurseKeeper({
		...{ client, store: kept, visibility: seen },
		info: { network: 'devnet', blockMs: BLOCK_MS }
	});
	const stop = keeper.start();
	const until = (isThere: (snapshot: PurseSnapshot) => boolean, what: string) =>
		eventually(async () => isThere(keeper.snapshot), what);
	return { store: kept, keeper, stop, until };
}
type Browser = Awaited<ReturnType<typeof browser>>;

/** A person with 10 TON in a development wallet, connected through the real SDK. */
async function person(): Promise<{ page: WalletPage; wallet: OwnerWallet }> {
	const page = await WalletPage.open({ coordinator: url, client, keys: await newKeyPair() });
	const address = Address.parse(page.wallet.account);
	await askFaucet(url, address.toString(), 10n * TON);
	await eventually(async () => (await client.getBalance(address)) > 0n, 'the coins');
	expect(await page.session.connect()).toMatchObject({ kind: 'connected' });
	const send: OwnerWallet['send'] = (...given) => page.session.send(...given);
	return { page, wallet: { account: page.wallet.account, send } };
}

async function travel(seconds: number): Promise<void> {
	const body = JSON.stringify({ seconds });
	const answer = await fetch(new URL('/api/chain/advance', url), { method: 'POST', body });
	expect(answer.status).toBe(200);
}

function openReading({ keeper }: Browser) {
	const { reading } = keeper.snapshot;
	if (reading?.kind !== 'open') throw new Error(`expected an open purse, found ${reading?.kind}`);
	return reading;
}

const currentOf = ({ keeper }: Browser): string => {
	const address = keeper.snapshot.purse?.address;
	if (address === undefined) throw new Error('expected a purse');
	return address;
};

async function opened(amountNano = TON) {
	const [one, someone] = [await browser(), await person()];
	await one.keeper.setWallet(someone.wallet);
	expect(await one.keeper.deposit(amountNano)).toEqual({ kind: 'sent' });
	await one.until((s) => s.reading?.kind === 'open', 'the purse');
	return { ...one, ...someone };
}

describe('a deposit', () => {
	it('opens a purse in one confirmation, and is divided into reserve, rent and free money', async () => {
		const one = await opened();
		const reading = openReading(one);
		expect(reading).toMatchObject({ number: 1, reserveNano: RESERVE_NANO, unlockAt: 0 });
		expect(reading.owner).toBe(one.wallet.account);
		expect(reading.freeNano + reading.reserveNano + reading.rentNano).toBe(reading.balanceNano);
		// What the message itself costs is the wallet's, but for a gas fee.
		expect(TON - reading.balanceNano).toBeLessThan(200_000n);
		expect(reading.rentNano).toBeLessThan(3_000_000n);
		expect(one.page.shown.at(-1)).toMatchObject({
			...{ kind: 'send', totalNano: TON },
			transfers: [{ to: one.keeper.snapshot.purse?.address, opens: true, purpose: 'topUp' }]
		});
		expect(one.page.shown).toHaveLength(2);
		await one.until((s) => s.operations[0]?.state === 'done', 'the deposit');
		expect(one.keeper.snapshot.operations).toMatchObject([{ kind: 'open', amountNano: TON }]);
		one.stop();
	});

	it('that the person refuses leaves nothing behind, and the next one uses the same purse', async () => {
		const [one, { page, wallet }] = [await browser(), await person()];
		await one.keeper.setWallet(wallet);
		page.answer = false;
		expect(await one.keeper.deposit(TON)).toEqual({ kind: 'cancelled' });
		expect(one.keeper.snapshot.operations).toEqual([]);
		const address = currentOf(one);
		page.answer = true;
		await one.keeper.deposit(TON);
		await one.until((s) => s.reading?.kind === 'open', 'the purse');
		expect(currentOf(one)).toBe(address);
		one.stop();
	});

	it('is known at every step, also to a page that was loaded anew', async () => {
		const [one, { page, wallet }] = [await browser(), await person()];
		await one.keeper.setWallet(wallet);
		let decide: (isYes: boolean) => void = () => {};
		page.answer = new Promise((resolve) => (decide = resolve));
		const asked = one.keeper.deposit(TON);
		await one.until((s) => s.operations[0]?.state === 'asked', 'the question');
		one.stop();
		// The page goes while the wallet asks; the person says yes afterwards.
		const reloaded = await browser(one.store);
		await reloaded.until((s) => s.operations[0]?.state === 'asked', 'the question, after a reload');
		expect(currentOf(reloaded)).toBe(currentOf(one));
		decide(true);
		await asked;
		await reloaded.until((s) => s.reading?.kind === 'open', 'the purse');
		await reloaded.until((s) => s.operations[0]?.state === 'done', 'the deposit');
		reloaded.stop();
	});

	it('that the wallet never sends lapses once its time is over', async () => {
		const [one, { wallet }] = [await browser(), await person()];
		await one.keeper.setWallet({
			...wallet,
			send: async () => ({ kind: 'uncertain', message: 'the phone was lost' })
		});
		expect(await one.keeper.deposit(TON)).toMatchObject({ kind: 'uncertain' });
		expect(one.keeper.snapshot.operations).toMatchObject([{ state: 'asked' }]);
		await travel(300);
		await one.keeper.refresh();
		expect(one.keeper.snapshot.operations).toMatchObject([{ state: 'asked' }]);
		await travel(60);
		await one.until((s) => s.operations[0]?.state === 'lapsed', 'the end');
		one.stop();
	});

	it('into an open purse is a top-up, from any wallet', async () => {
		const one = await opened();
		const before = openReading(one).freeNano;
		const friend = await person();
		await one.keeper.setWallet(friend.wallet);
		await one.keeper.deposit(TON / 2n);
		await one.until((s) => s.operations[0]?.state === 'done', 'the top-up');
		await one.keeper.refresh();
		const grownNano = openReading(one).freeNano - before;
		expect(grownNano).toBeGreaterThan(TON / 2n - 100_000n);
		expect(grownNano).toBeLessThanOrEqual(TON / 2n);
		expect(openReading(one).owner).not.toBe(friend.wallet.account);
		one.stop();
	});

	it('does not care for a clock that is an hour off', async () => {
		for (const offMs of [-3_600_000, 3_600_000]) {
			const store = await freshStore();
			const { wallet } = await person();
			const keeper = new PurseKeeper({
				...{ client, store, visibility: seen, now: () => Date.now() + offMs },
				info: { network: 'devnet', blockMs: BLOCK_MS }
			});
			const stop = keeper.start();
			await keeper.setWallet(wallet);
			await keeper.deposit(TON);
			await eventually(async () => keeper.snapshot.reading?.kind === 'open', 'the purse');
			expect(keeper.snapshot.operations).toMatchObject([{ state: 'done' }]);
			stop();
		}
	});

	it('is not asked for while the chain cannot be asked', async () => {
		const one = await browser();
		const { wallet } = await person();
		await one.keeper.setWallet(wallet);
		const getContractState = client.getContractState.bind(client);
		client.getContractState = () => Promise.reject(new Error('away'));
		const outcome = await one.keeper.deposit(TON);
		client.getContractState = getContractState;
		expect(outcome).toEqual({ kind: 'not_ready', message: 'away' });
		expect(await one.store.operations('devnet')).toEqual([]);
		one.stop();
	});
});

describe('an open purse', () => {
	it('pays out free money at once, but not the reserve', async () => {
		const one = await opened();
		const owner = Address.parse(one.wallet.account);
		const before = await client.getBalance(owner);
		await one.keeper.withdraw(currentOf(one), TON / 4n);
		await one.until((s) => s.operations[0]?.state === 'done', 'the withdrawal');
		await eventually(async () => (await client.getBalance(owner)) > before, 'the money');
		const gotNano = (await client.getBalance(owner)) - before;
		expect(TON / 4n - gotNano).toBeLessThan(2_000_000n);

		const { freeNano } = openReading(one);
		await one.keeper.withdraw(currentOf(one), freeNano + 1n);
		await one.until((s) => s.operations[0]?.state === 'refused', 'the refusal');
		expect(one.keeper.snapshot.operations[0]).toMatchObject({ exitCode: 210 });

		await one.keeper.withdraw(currentOf(one), 0n);
		await one.until((s) => s.operations[0]?.state === 'done', 'the withdrawal of all');
		await one.keeper.refresh();
		expect(openReading(one).freeNano).toBeLessThanOrEqual(0n);
		expect(openReading(one).balanceNano).toBeGreaterThanOrEqual(RESERVE_NANO);
		one.stop();
	});

	it('is unlocked, locked again, unlocked, and closed an hour later', async () => {
		const one = await opened();
		const purse = currentOf(one);
		const order = async (kind: 'unlock' | 'lock' | 'close', state = 'done') => {
			expect(await one.keeper.order(purse, kind)).toEqual({ kind: 'sent' });
			await one.until(
				({ operations: [last] }) => last?.kind === kind && last.state === state,
				`${kind} ${state}`
			);
		};
		await order('close', 'refused');
		expect(one.keeper.snapshot.operations[0]).toMatchObject({ exitCode: 211 });

		await order('unlock');
		await one.until((s) => s.reading?.kind === 'open' && s.reading.unlockAt > 0, 'the hour');
		const unlocked = openReading(one);
		expect(unlocked.unlockAt - unlocked.chainTime).toBeGreaterThan(HOUR_SECONDS - 60);
		expect(closableAt(unlocked)).toBe(unlocked.unlockAt);
		expect(withdrawableNano(unlocked, unlocked.chainTime)).toBe(unlocked.freeNano);
		expect(withdrawableNano(unlocked, unlocked.unlockAt)).toBe(
			unlocked.freeNano + unlocked.reserveNano
		);
		await order('lock');
		await one.until((s) => s.reading?.kind === 'open' && s.reading.unlockAt === 0, 'the lock');
		await order('unlock');
		await order('close', 'refused');
		await travel(HOUR_SECONDS + 5);
		const owner = Address.parse(one.wallet.account);
		const before = await client.getBalance(owner);
		await order('close');
		await one.until((s) => s.purse === null, 'the end of the purse');
		expect((await client.getContractState(Address.parse(purse))).balance).toBe(0n);
		await eventually(async () => (await client.getBalance(owner)) > before, 'the money');
		expect((await client.getBalance(owner)) - before).toBeGreaterThan((TON * 9n) / 10n);

		// The next one has another number and another key.
		await one.keeper.deposit(TON / 5n);
		await one.until((s) => s.reading?.kind === 'open', 'the next purse');
		expect(one.keeper.snapshot.purse?.number).toBe(2);
		expect(currentOf(one)).not.toBe(purse);
		one.stop();
	});

	it('asks the wallet for one thing at a time', async () => {
		const one = await opened();
		one.page.answer = new Promise(() => {});
		void one.keeper.order(currentOf(one), 'unlock');
		expect(await one.keeper.order(currentOf(one), 'lock')).toEqual({ kind: 'busy' });
		one.stop();
	});
});

describe('a browser that has lost its keys', () => {
	it('finds the purse by the wallet, empties it in one confirmation, opens the next, and closes the old one', async () => {
		const lost = await opened();
		lost.stop();
		const old = currentOf(lost);
		const one = await browser();
		await one.keeper.setWallet(lost.wallet);
		await one.until((s) => s.others.length === 1, 'the old purse');
		const [other] = one.keeper.snapshot.others;
		if (!other) throw new Error('expected a purse');
		expect(other).toMatchObject({ account: old, reading: { number: 1 } });

		const shown = lost.page.shown.length;
		expect(await one.keeper.leave(other)).toEqual({ kind: 'sent' });
		expect(lost.page.shown).toHaveLength(shown + 1);
		await one.until((s) => s.operations[0]?.state === 'done', 'leaving');
		await one.until((s) => (s.others[0]?.reading.unlockAt ?? 0) > 0, 'the hour');
		expect(one.keeper.snapshot.others[0]?.reading.freeNano).toBeLessThan(TON / 10n);

		await one.keeper.deposit(TON / 2n);
		await one.until((s) => s.reading?.kind === 'open', 'the new purse');
		expect(one.keeper.snapshot.purse?.number).toBe(2);
		await travel(HOUR_SECONDS + 5);
		await one.keeper.order(old, 'close');
		await one.until((s) => s.others.length === 0, 'the end of the old purse');
		expect(one.keeper.snapshot.reading?.kind).toBe('open');
		one.stop();
	});

	it('does not take purses of others for its own', async () => {
		const one = await opened();
		const stranger = new TestWallet(client, 77);
		await askFaucet(url, stranger.address.toString(), TON);
		await eventually(async () => (await stranger.balance()) > 0n, 'the coins');
		const account = parseAccount(stranger.address.toRawString());
		const fresh = await browser();
		await fresh.keeper.setWallet({ account: account as Account, send: one.wallet.send });
		expect(fresh.keeper.snapshot.others).toEqual([]);
		one.stop();
		fresh.stop();
	});
});

describe('whoever pays from a purse', () => {
	it('sees what the chain says, by the coordinator’s clock, and what other tabs pay', async () => {
		const one = await opened();
		const live = new LivePurse({ keeper: one.keeper, globalId: -217, clockOffsetMs: 60_000 });
		const before = live.nowMs();
		await one.keeper.refresh();
		const { freeNano, reserveNano } = openReading(one);
		const view = live.view();
		expect(view).toMatchObject({
			...{ network: -217, purse: currentOf(one), freeNano, reserveNano, unlockAt: 0, streams: 0 }
		});
		expect(view?.readAtMs).toBeGreaterThanOrEqual(before - 5);
		expect(view?.readAtMs).toBeLessThanOrEqual(live.nowMs());

		const otherTab = new LivePurse({ keeper: one.keeper, globalId: -217, clockOffsetMs: 0 });
		const end = await otherTab.begin();
		await expect.poll(() => live.view()?.streams, { timeout: 5_000 }).toBe(1);
		expect(otherTab.view()?.streams).toBe(0);
		end();
		await expect.poll(() => live.view()?.streams, { timeout: 5_000 }).toBe(0);
		expect(live.session?.publicKey).toEqual(one.keeper.snapshot.purse?.publicKey);
		one.stop();
	});

	it('sees none where none is open', async () => {
		const one = await browser();
		const live = new LivePurse({ keeper: one.keeper, globalId: -217, clockOffsetMs: 0 });
		expect(live.view()).toBeNull();
		expect(live.session).toBeNull();
		one.stop();
	});
});

describe('the session key', () => {
	it('signs, is kept, and cannot be read out', async () => {
		const one = await opened();
		const kept = (await one.store.purses('devnet'))[0];
		if (!kept) throw new Error('expected a purse');
		expect(kept.keys.privateKey.extractable).toBe(false);
		await expect(crypto.subtle.exportKey('pkcs8', kept.keys.privateKey)).rejects.toThrow();
		const message = new Uint8Array([1, 2, 3]);
		const signature = await crypto.subtle.sign('Ed25519', kept.keys.privateKey, message);
		expect(await crypto.subtle.verify('Ed25519', kept.keys.publicKey, signature, message)).toBe(
			true
		);
		one.stop();
	});
});
