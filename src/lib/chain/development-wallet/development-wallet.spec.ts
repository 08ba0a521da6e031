import { Address, beginCell, Cell, external, loadMessage, storeMessage } from '@ton/core';
import { WalletContractV5R1, type TonClient } from '@ton/ton';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCoordinator, type TestCoordinator } from '../../server/testing/start-coordinator.ts';
import { newKeyPair } from '../../store/key-pairs.ts';
import { askFaucet } from '../coordinator-chain.ts';
import { walletMessage } from '../purse/purse-requests.ts';
import { eventually } from '../testing/test-wallet.ts';
import { openTonClient } from '../ton-client.ts';
import { bridgesOf, walletsOf } from '../tonconnect/wallet-list.ts';
import type { Approval } from './approval.ts';
import { DevelopmentBridge } from './bridge.ts';
import { DevelopmentWallet } from './development-wallet.ts';
import { installDevelopmentWallet } from './install.ts';

let server: TestCoordinator;
let url: URL;
let client: TonClient;
beforeAll(async () => {
	server = await startCoordinator({ devnetBlockMs: 100, chainRequestsPerSecond: 10_000 });
	url = new URL(`http://127.0.0.1:${server.port}`);
	client = await openTonClient(url);
});
afterAll(() => server.close());

const BOB = `0:${'b0'.repeat(32)}`;
const message = walletMessage(
	{ kind: 'deposit', amountNano: 5n },
	{ purse: BOB, queryId: 1n, isTest: true }
);

async function bridge() {
	const wallet = await DevelopmentWallet.open(client, await newKeyPair());
	const shown: Approval[] = [];
	let isConnected = false;
	const made = new DevelopmentBridge({
		wallet,
		approve: async (approval) => {
			shown.push(approval);
			return true;
		},
		connection: { get: () => isConnected, set: (value) => (isConnected = value) }
	});
	const send = (params: object, method = 'sendTransaction') =>
		made.send({ id: '1', method, params: [JSON.stringify(params)] });
	return { wallet, bridge: made, shown, send };
}

describe('on other networks', () => {
	it.each([
		['testnet', -3],
		['mainnet', -239],
		['mainnet', -217],
		['devnet', -239]
	] as const)('it is not installed: %s (%i)', async (network, globalId) => {
		const keys = await newKeyPair();
		const approve = async () => true;
		const installed = installDevelopmentWallet({
			...{ client, keys, approve, network: { network, globalId } }
		});
		await expect(installed).rejects.toThrow('expected devnet');
		expect(globalThis).not.toHaveProperty('mulberryDevelopmentWallet');
	});

	it('it is not in the list of wallets, and the devnet’s list has no other', () => {
		const names = (network: 'devnet' | 'testnet' | 'mainnet') =>
			walletsOf(network, 'https://mulberry.example').map(({ app_name }) => app_name);
		expect(names('devnet')).toEqual(['mulberry-development-wallet']);
		for (const network of ['testnet', 'mainnet'] as const) {
			expect(names(network)).not.toContain('mulberry-development-wallet');
			expect(names(network).length).toBeGreaterThan(1);
		}
		expect(bridgesOf('devnet')).toEqual([]);
	});

	it('it refuses to send, without asking', async () => {
		const { send, shown } = await bridge();
		const answer = await send({ network: '-239', messages: [message] });
		expect(answer).toMatchObject({ error: { code: 1 } });
		expect(shown).toEqual([]);
	});

	it('what it signs is refused by the same key’s wallet there', async () => {
		const { wallet } = await bridge();
		await askFaucet(url, wallet.account);
		await eventually(async () => (await wallet.balanceNano()) > 0n, 'the coins');
		const sent = await wallet.send([message], Math.floor(Date.now() / 1000) + 60);
		await eventually(
			async () => (await client.getBalance(Address.parse(BOB))) > 0n,
			'the transfer'
		);

		const mainnet = WalletContractV5R1.create({ publicKey: Buffer.from(wallet.publicKey) });
		expect(mainnet.walletId.networkGlobalId).toBe(-239);
		await askFaucet(url, mainnet.address.toString());
		await eventually(async () => (await client.getBalance(mainnet.address)) > 0n, 'the coins');
		const signed = loadMessage(Cell.fromBase64(sent).beginParse()).body;
		const there = external({ to: mainnet.address, init: mainnet.init, body: signed });
		const boc = beginCell().store(storeMessage(there)).endCell().toBoc();
		// 134: the wallet's id does not match.
		await expect(client.sendFile(boc)).rejects.toMatchObject({
			response: { data: { error: expect.stringContaining('exitcode=134') } }
		});
	});
});

describe('the bridge', () => {
	it('refuses what it cannot read, and methods that it has not', async () => {
		const { send, shown, bridge: made } = await bridge();
		for (const bad of [
			{},
			{ messages: [] },
			{ messages: [{ ...message, amount: '-1' }] },
			{ messages: [{ ...message, amount: '1e9' }] }
		]) {
			expect(await send(bad)).toMatchObject({ error: { code: 1 } });
		}
		expect(await made.send({ id: '1', method: 'sendTransaction', params: ['{'] })).toMatchObject({
			error: { code: 1 }
		});
		expect(await send({}, 'signData')).toMatchObject({ error: { code: 400 } });
		expect(await send({ messages: [{ ...message, address: 'EQ' }] })).toMatchObject({
			error: { code: 0 }
		});
		expect(await made.connect(3, {})).toMatchObject({ event: 'connect_error' });
		expect(await made.connect(2, { manifestUrl: 'x', items: [] })).toMatchObject({
			...{ event: 'connect_error', payload: { code: 1 } }
		});
		expect(shown).toEqual([]);
	});

	it('shows what it is about to send, and that there is too little for it', async () => {
		const { send, shown } = await bridge();
		expect(await send({ messages: [message] })).toMatchObject({ error: { code: 0 } });
		expect(shown).toMatchObject([
			{
				...{ kind: 'send', totalNano: 5n, balanceNano: 0n },
				transfers: [{ to: BOB, amountNano: 5n, opens: false, purpose: 'topUp' }]
			}
		]);
	});

	it('sends two things after each other without mixing up their order', async () => {
		const { wallet } = await bridge();
		await askFaucet(url, wallet.account);
		await eventually(async () => (await wallet.balanceNano()) > 0n, 'the coins');
		const before = await client.getBalance(Address.parse(BOB));
		const validUntil = Math.floor(Date.now() / 1000) + 60;
		await wallet.send([message], validUntil);
		await wallet.send([message], validUntil);
		await eventually(
			async () => (await client.getBalance(Address.parse(BOB))) === before + 10n,
			'both transfers'
		);
	});
});
