import 'fake-indexeddb/auto';
import { Address } from '@ton/core';
import type { TonClient } from '@ton/ton';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCoordinator, type TestCoordinator } from '../../server/testing/start-coordinator.ts';
import { newKeyPair } from '../../store/key-pairs.ts';
import { askFaucet } from '../coordinator-chain.ts';
import { PROOF_PATH, PROOF_PAYLOAD_PATH } from '../paths.ts';
import { walletMessage } from '../purse/purse-requests.ts';
import { eventually } from '../testing/test-wallet.ts';
import { WalletPage } from '../testing/wallet-page.ts';
import { openTonClient } from '../ton-client.ts';
import { proveAddress } from './prove-address.ts';

const TON = 1_000_000_000n;
const BOB = `0:${'b0'.repeat(32)}`;

let server: TestCoordinator;
let url: URL;
let client: TonClient;
let keys: CryptoKeyPair;
beforeAll(async () => {
	server = await startCoordinator({
		...{ origin: 'http://localhost', devnetBlockMs: 100, chainRequestsPerSecond: 10_000 }
	});
	url = new URL(`http://localhost:${server.port}`);
	client = await openTonClient(url);
	keys = await newKeyPair();
});
afterAll(() => server.close());

const open = (globalId?: number) =>
	WalletPage.open({ coordinator: url, client, keys, ...(globalId ? { globalId } : {}) });

const post = async (path: string, body?: unknown) => {
	const response = await fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) });
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const inFiveMinutes = () => Math.floor(Date.now() / 1000) + 280;
const never = new AbortController().signal;
const toBob = (amountNano: bigint) =>
	walletMessage({ kind: 'deposit', amountNano }, { purse: BOB, queryId: 7n, isTest: true });

describe('connecting', () => {
	it('gives the address, the name and the network’s form of the address', async () => {
		const { session, wallet } = await open();
		const outcome = await session.connect();
		expect(outcome).toMatchObject({
			kind: 'connected',
			wallet: {
				account: wallet.account,
				name: 'Development wallet',
				isInBrowser: true,
				proof: null
			}
		});
		expect(session.wallet?.address).toMatch(/^0Q/);
		await session.disconnect();
		expect(session.wallet).toBeNull();
	});

	it('with a proof convinces the coordinator, once', async () => {
		const { session, wallet, shown } = await open();
		const { payload } = (await post(PROOF_PAYLOAD_PATH)).body;
		const outcome = await session.connect({ proofPayload: String(payload) });
		if (outcome.kind !== 'connected') throw new Error(`expected a wallet, found ${outcome.kind}`);
		expect(shown).toMatchObject([{ kind: 'connect', domain: 'localhost', withProof: true }]);
		const { account, stateInit, proof } = outcome.wallet;
		const body = { address: account, network: '-217', walletStateInit: stateInit, proof };
		expect(await post(PROOF_PATH, body)).toMatchObject({
			...{ status: 200, body: { account: wallet.account } }
		});
		expect((await post(PROOF_PATH, body)).status).toBe(400);
		await session.disconnect();
	});

	it('that the person refuses, or gives up, is cancelled', async () => {
		const page = await open();
		page.answer = false;
		expect(await page.session.connect()).toEqual({ kind: 'cancelled' });
		page.choice = 'close';
		expect(await page.session.connect()).toEqual({ kind: 'cancelled' });
		page.choice = 'nothing';
		const signal = AbortSignal.timeout(50);
		expect(await page.session.connect({ signal })).toEqual({ kind: 'cancelled' });
		expect(page.session.wallet).toBeNull();
	});

	it('a wallet of another network says which is wanted and which came', async () => {
		const { session } = await open(-3);
		expect(await session.connect()).toEqual({
			...{ kind: 'wrong_network', expected: '-3', found: '-217' }
		});
		expect(session.wallet).toBeNull();
	});

	it('is remembered by the next page, until it is ended', async () => {
		const kept = new Map<string, string>();
		const load = () => WalletPage.open({ coordinator: url, client, keys, kept });
		expect(await (await load()).session.restore()).toBeNull();
		await (await load()).session.connect();
		const { session, wallet, shown } = await load();
		expect(await session.restore()).toMatchObject({ account: wallet.account });
		// Without asking the person again.
		expect(shown).toEqual([]);
		await session.disconnect();
		expect(await (await load()).session.restore()).toBeNull();
	});
});

describe('sending', () => {
	it('arrives, and a refusal or a malformed request leaves nothing', async () => {
		const page = await open();
		const { session, wallet } = page;
		await askFaucet(url, wallet.account);
		await eventually(async () => (await wallet.balanceNano()) > 0n, 'the coins');
		await session.connect();

		page.answer = false;
		const refused = await session.send([toBob(TON)], inFiveMinutes(), never);
		expect(refused).toEqual({ kind: 'cancelled' });
		const { address } = toBob(TON);
		const bad = { address, amount: 'much', payload: '' };
		expect(await session.send([bad], inFiveMinutes(), never)).toMatchObject({ kind: 'uncertain' });
		expect(await client.getBalance(Address.parse(BOB))).toBe(0n);

		page.answer = true;
		expect(await session.send([toBob(TON), toBob(1n)], inFiveMinutes(), never)).toEqual({
			kind: 'sent'
		});
		await eventually(
			async () => (await client.getBalance(Address.parse(BOB))) > 0n,
			'the transfer'
		);
		const shown = page.shown.at(-1);
		expect(shown).toMatchObject({ kind: 'send', totalNano: TON + 1n });
		if (shown?.kind !== 'send') throw new Error('expected a transfer');
		expect(shown.feeNano).toBeGreaterThan(500_000n);
		expect(shown.feeNano).toBeLessThan(5_000_000n);
		await session.disconnect();
	});

	it('a wallet that does not answer in time may still have sent', async () => {
		const page = await open();
		await page.session.connect();
		page.answer = new Promise(() => {});
		const outcome = await page.session.send([toBob(1n)], inFiveMinutes(), AbortSignal.timeout(50));
		expect(outcome).toMatchObject({ kind: 'uncertain' });
	});
});

describe('proving an address', () => {
	it('ends with what the coordinator says', async () => {
		const page = await open();
		await page.session.connect();
		expect(await proveAddress(page.session, url, -217)).toEqual({
			...{ kind: 'proven', account: page.wallet.account },
			address: page.session.wallet?.address
		});
		expect(await proveAddress(page.session, url, -239)).toMatchObject({
			...{ kind: 'not_proven', message: 'network: expected -217, came -239.' }
		});
		page.answer = false;
		expect(await proveAddress(page.session, url, -217)).toEqual({ kind: 'cancelled' });
		const nobody = new URL('http://127.0.0.1:9');
		expect(await proveAddress(page.session, nobody, -217)).toMatchObject({ kind: 'failed' });
	});
});
