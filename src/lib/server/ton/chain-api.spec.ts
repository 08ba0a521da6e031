import { Address, beginCell, Cell, external, storeMessage, type Transaction } from '@ton/core';
import { internal, type TonClient } from '@ton/ton';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFaucet, fetchChainInfo } from '../../chain/coordinator-chain.ts';
import {
	compileProbe,
	deepMessage,
	probeBody,
	probeTicket,
	type Probe
} from '../../chain/testing/probe.ts';
import { eventually, TestWallet } from '../../chain/testing/test-wallet.ts';
import { openTonClient } from '../../chain/ton-client.ts';
import { startCoordinator, type TestCoordinator } from '../testing/start-coordinator.ts';

const BLOCK_MS = 100;
const TON = 1_000_000_000n;
const BOB = new Address(0, Buffer.alloc(32, 0xb0));

let server: TestCoordinator;
let url: URL;
let client: TonClient;
let alice: TestWallet;
let probe: Probe;

/** Alice has 10 TON, a wallet, and a probe that she deployed; 2 transfers. */
beforeAll(async () => {
	server = await startCoordinator({
		devnetBlockMs: BLOCK_MS,
		requestsPerSecond: 10_000,
		chainRequestsPerSecond: 10_000
	});
	url = new URL(`http://127.0.0.1:${server.port}`);
	[client, probe] = await Promise.all([openTonClient(url), compileProbe(1)]);
	alice = new TestWallet(client, 1);
	await askFaucet(url, alice.address.toString(), 10n * TON);
	await eventually(async () => (await alice.balance()) === 10n * TON, 'the coins');
	await alice.send({ to: BOB, value: TON, seqno: 0 });
	await eventually(async () => (await alice.seqno()) === 1, 'the first transfer');
	await alice.send({ to: probe.address, value: TON, seqno: 1, init: probe.init });
	await eventually(() => client.isContractDeployed(probe.address), 'the probe');
}, 60_000);
afterAll(() => server.close());

async function post(body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
	const response = await fetch(new URL('/api/chain/jsonRPC', url), {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: typeof body === 'string' ? body : JSON.stringify(body)
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const call = (method: string, params: unknown) => post({ id: 7, jsonrpc: '2.0', method, params });

/** All that a transaction took from its account and did not pass on. */
function feesOf({ totalFees, outMessages }: Transaction): bigint {
	const forward = outMessages
		.values()
		.map(({ info }) => (info.type === 'internal' ? info.forwardFee : 0n));
	return forward.reduce((sum, fee) => sum + fee, totalFees.coins);
}

describe('GET /api/chain', () => {
	it('tells a page which network this is', async () => {
		expect(await fetchChainInfo(url)).toMatchObject({
			...{ network: 'devnet', globalId: -217, coin: 'devnet TON', hasValue: false },
			...{ blockMs: BLOCK_MS, rpc: '/api/chain/jsonRPC', explorer: null },
			faucet: { path: '/api/chain/faucet', defaultNano: 5n * TON, maxNano: 20n * TON }
		});
	});
});

describe('the real TonClient on the local chain', () => {
	it('sees every coin: what the faucet made is in balances or was paid as fees', async () => {
		const transactions = await client.getTransactions(alice.address, { limit: 10 });
		expect(transactions.map(({ inMessage }) => inMessage?.info.type)).toEqual([
			'external-in',
			'external-in',
			'internal'
		]);
		const fees = transactions.reduce((sum, one) => sum + feesOf(one), 0n);
		expect(fees).toBeGreaterThan(1_000_000n);
		expect(await alice.balance()).toBe(8n * TON - fees);
		expect(await client.getBalance(BOB)).toBe(TON);

		const [atProbe] = await client.getTransactions(probe.address, { limit: 1 });
		expect(await client.getBalance(probe.address)).toBe(TON - (atProbe?.totalFees.coins ?? 0n));
	});

	it('reads the state of accounts, deployed or not', async () => {
		const state = await client.getContractState(alice.address);
		const [newest] = await client.getTransactions(alice.address, { limit: 1 });
		expect(state).toMatchObject({
			state: 'active',
			lastTransaction: {
				lt: newest?.lt.toString(),
				hash: newest?.hash().toString('base64')
			}
		});
		expect(Cell.fromBoc(state.code ?? Buffer.alloc(0))[0]?.equals(alice.contract.init.code)).toBe(
			true
		);
		expect(Math.abs(state.timestampt - Date.now() / 1000)).toBeLessThan(5);

		const nobody = new Address(0, Buffer.alloc(32, 0xee));
		expect(await client.getContractState(nobody)).toMatchObject({
			...{ state: 'uninitialized', balance: 0n, code: null, data: null, lastTransaction: null }
		});
		expect(await client.isContractDeployed(BOB)).toBe(false);
		expect(await client.provider(BOB).getState()).toMatchObject({ state: { type: 'uninit' } });
	});

	it('runs get-methods and reads every type of value', async () => {
		const leaf = beginCell().storeUint(7, 8).endCell();
		const { stack, gas_used } = await client.runMethod(probe.address, 'values');
		expect(gas_used).toBeGreaterThan(0);
		expect([stack.readBigNumber(), stack.readBigNumber()]).toEqual([5n, -6n]);
		expect([stack.readCell().equals(leaf), stack.readCell().equals(leaf)]).toEqual([true, true]);
		expect(stack.readCellOpt()).toBeNull();
		const tuple = stack.pop();
		expect(tuple).toEqual({ type: 'tuple', items: [1n, [-2n, expect.any(Cell)]] });

		const huge = 2n ** 255n - 19n;
		const echoed = await client.runMethod(probe.address, 'echo', [
			{ type: 'int', value: -huge },
			{ type: 'cell', cell: leaf },
			{ type: 'slice', cell: leaf }
		]);
		expect(echoed.stack.readBigNumber()).toBe(-huge);
		expect(echoed.stack.readCell().equals(leaf)).toBe(true);
		expect((await client.runMethod(probe.address, 'global_id')).stack.readBigNumber()).toBe(-217n);
	});

	it('gives the exit code of a get-method that cannot run', async () => {
		const exitCode = async (address: Address, method: string) =>
			(await client.runMethodWithError(address, method)).exit_code;
		expect(await exitCode(probe.address, 'no_such_method')).toBe(11);
		expect(await exitCode(BOB, 'seqno')).toBe(-13);
		await expect(client.runMethod(BOB, 'seqno')).rejects.toThrow('exit_code: -13');
	});

	it('goes through an account’s transactions page by page', async () => {
		const carol = new TestWallet(client, 3);
		await askFaucet(url, carol.address.toString());
		await eventually(async () => (await carol.balance()) > 0n, 'the coins');
		for (let seqno = 0; seqno < 4; seqno++) {
			await carol.send({ to: BOB, value: 1n, seqno });
			await eventually(async () => (await carol.seqno()) === seqno + 1, 'a transfer');
		}
		const seen: bigint[] = [];
		let page = await client.getTransactions(carol.address, { limit: 2 });
		while (page.length > 0) {
			seen.push(...page.map(({ lt }) => lt));
			const last = page.at(-1);
			page = await client.getTransactions(carol.address, {
				limit: 2,
				lt: last?.lt.toString() ?? '',
				hash: last?.hash().toString('base64') ?? ''
			});
		}
		expect(seen).toHaveLength(5);
		expect(seen).toEqual([...seen].sort((a, b) => Number(b - a)));
		const all = await client.getTransactions(carol.address, { limit: 10 });
		expect(all.map(({ lt }) => lt)).toEqual(seen);

		const [newest, next] = all;
		if (!newest || !next) throw new Error('expected two transactions');
		const found = await client.getTransaction(
			carol.address,
			next.lt.toString(),
			next.hash().toString('base64')
		);
		expect(found?.hash().equals(next.hash())).toBe(true);
		expect(next.lt).toBe(newest.prevTransactionLt);
		const mixed = client.getTransaction(
			carol.address,
			next.lt.toString(),
			newest.hash().toString('base64')
		);
		await expect(mixed).rejects.toMatchObject({ response: { status: 500 } });
		const until = await call('getTransactions', {
			...{ address: carol.address.toString(), limit: 10 },
			to_lt: newest.prevTransactionLt.toString()
		});
		expect(until.body['result']).toHaveLength(1);
	});

	it('finds what a message led to and where it came from', async () => {
		const [fromAlice] = (await client.getTransactions(alice.address, { limit: 10 })).filter(
			({ outMessages }) => outMessages.get(0)?.info.dest?.toString() === BOB.toString()
		);
		const info = fromAlice?.outMessages.get(0)?.info;
		if (!fromAlice || info?.type !== 'internal') throw new Error('expected a message to Bob');
		const at = [alice.address, BOB, info.createdLt.toString()] as const;
		const atBob = await client.tryLocateResultTx(...at);
		expect(atBob.inMessage?.info).toMatchObject({ type: 'internal', createdLt: info.createdLt });
		expect((await client.tryLocateSourceTx(...at)).hash().equals(fromAlice.hash())).toBe(true);
		const wrong = client.tryLocateResultTx(alice.address, BOB, '12345');
		await expect(wrong).rejects.toMatchObject({ response: { status: 404 } });
	});

	it('counts blocks, and lists what is in one', async () => {
		const { latestSeqno } = await client.getMasterchainInfo();
		await eventually(
			async () => (await client.getMasterchainInfo()).latestSeqno >= latestSeqno + 2,
			'two blocks'
		);
		const before = await client.getTransactions(BOB, { limit: 1 });
		await alice.send({ to: BOB, value: 5n, seqno: await alice.seqno() });
		await eventually(
			async () => (await client.getTransactions(BOB, { limit: 1 }))[0]?.lt !== before[0]?.lt,
			'the transfer'
		);
		const newest = (await client.getMasterchainInfo()).latestSeqno;
		const accounts: string[] = [];
		for (let seqno = latestSeqno; seqno <= newest; seqno++) {
			const [shard] = await client.getWorkchainShards(seqno);
			const found = await client.getShardTransactions(0, seqno, shard?.shard ?? '');
			accounts.push(...found.map(({ account }) => account.toString()));
		}
		expect(accounts).toEqual([alice.address.toString(), BOB.toString()]);
		await expect(client.getWorkchainShards(newest + 1_000)).rejects.toThrow();
	});

	it('estimates what a transfer then costs to the nano', async () => {
		const seqno = await alice.seqno();
		const transfer = { to: BOB, value: 7n, seqno };
		const estimate = await client.estimateExternalMessageFee(alice.address, {
			body: alice.sign(transfer),
			initCode: null,
			initData: null,
			ignoreSignature: false
		});
		await alice.send(transfer);
		await eventually(async () => (await alice.seqno()) === seqno + 1, 'the transfer');
		const [paid] = await client.getTransactions(alice.address, { limit: 1 });
		if (!paid) throw new Error('expected a transaction');
		const { in_fwd_fee, storage_fee, gas_fee, fwd_fee } = estimate.source_fees;
		// Storage is paid by the second.
		const storage = paid.description.type === 'generic' ? paid.description.storagePhase : null;
		const stored = Number(storage?.storageFeesCollected ?? 0n);
		expect(in_fwd_fee + gas_fee + fwd_fee).toBe(Number(feesOf(paid)) - stored);
		expect(storage_fee).toBeLessThanOrEqual(stored);
	});
});

describe('a message from outside', () => {
	const sendBoc = (boc: string) => call('sendBoc', { boc });

	it('shows with a later block, and is refused when it comes again', async () => {
		const before = (await client.getMasterchainInfo()).latestSeqno;
		const body = probeBody(42n);
		const id = [{ type: 'int' as const, value: probeTicket(42n).id }];
		await client.sendExternalMessage({ address: probe.address }, body);
		await eventually(
			async () => (await client.runMethod(probe.address, 'is_redeemed', id)).stack.readBoolean(),
			'the message'
		);
		expect((await client.getMasterchainInfo()).latestSeqno).toBeGreaterThan(before);
		const again = client.sendExternalMessage({ address: probe.address }, body);
		await expect(again).rejects.toMatchObject({
			response: { status: 500, data: { error: expect.stringContaining('exitcode=409') } }
		});
		expect(await client.getTransactions(probe.address, { limit: 10 })).toHaveLength(2);
	});

	it('signed for mainnet is refused by a devnet wallet', async () => {
		const seqno = await alice.seqno();
		const mainnet = new TestWallet(client, 1, -239);
		expect(mainnet.address.equals(alice.address)).toBe(false);
		const body = mainnet.sign({ to: BOB, value: TON, seqno });
		const message = external({ to: alice.address, body });
		const boc = beginCell().store(storeMessage(message)).endCell().toBoc().toString('base64');
		const { status, body: answer } = await sendBoc(boc);
		expect(status).toBe(500);
		expect(answer).toMatchObject({ ok: false, id: 7, jsonrpc: '2.0' });
		expect(answer['error']).toContain('cannot apply external message to current state');
		expect(answer['error']).toContain('exitcode=134');
		// The same transfer, signed for this network.
		expect((await sendBoc(alice.message({ to: BOB, value: 1n, seqno }))).status).toBe(200);
		await eventually(async () => (await alice.seqno()) === seqno + 1, 'the transfer');
	});

	it.each([
		['replayed', 133, () => ({ seqno: 0 })],
		['expired', 136, () => ({ timeout: Math.floor(Date.now() / 1000) - 10 })]
	])('that is %s is refused with exit code %i', async (_name, exitCode, changes) => {
		const transfer = { to: BOB, value: 1n, seqno: await alice.seqno(), ...changes() };
		const { status, body } = await sendBoc(alice.message(transfer));
		expect(status).toBe(500);
		expect(body['error']).toContain(`exitcode=${exitCode}`);
	});

	it('to an account without code is refused', async () => {
		const message = external({ to: BOB, body: Cell.EMPTY });
		const boc = beginCell().store(storeMessage(message)).endCell().toBoc().toString('base64');
		const { status, body } = await sendBoc(boc);
		expect(status).toBe(500);
		expect(body['error']).toContain('inbound external message rejected');
	});

	it('that is deeper than the emulator can read is refused before it gets there', async () => {
		const boc = (depth: number) => deepMessage(BOB, depth).toBoc().toString('base64');
		expect((await sendBoc(boc(299))).body['error']).toContain('inbound external message rejected');
		expect(await sendBoc(boc(301))).toMatchObject({
			status: 422,
			body: { error: 'boc: expected cells up to 300 deep' }
		});
	});

	it('that is none is refused by name', async () => {
		const between = internal({ to: BOB, value: TON });
		const withSource = {
			...between,
			info: { ...between.info, src: alice.address }
		} as Parameters<typeof storeMessage>[0];
		const forged = beginCell().store(storeMessage(withSource)).endCell();
		for (const boc of [
			'AAAA',
			'te6c',
			Cell.EMPTY.toBoc().toString('base64'),
			forged.toBoc().toString('base64')
		]) {
			const { status, body } = await sendBoc(boc);
			expect(status).toBe(422);
			expect(body['error']).toContain('boc: ');
		}
		expect(await client.getBalance(BOB)).toBeLessThan(2n * TON);
	});
});

describe('POST /api/chain/jsonRPC', () => {
	it('answers an error to what it does not know or cannot read', async () => {
		expect(await call('getConsensusBlock', {})).toMatchObject({
			status: 404,
			body: { ok: false, code: 404, id: 7, jsonrpc: '2.0' }
		});
		expect(await post('{')).toMatchObject({ status: 422, body: { ok: false, id: null } });
		expect(await post([{ method: 'getMasterchainInfo' }])).toMatchObject({ status: 422 });
		expect(await post('x'.repeat(65_537))).toMatchObject({ status: 413, body: { code: 413 } });
		const stack = [['num', 'five']];
		const params = { address: BOB.toString(), method: 'a', stack };
		expect(await call('runGetMethod', params)).toMatchObject({
			status: 422,
			body: { error: expect.stringContaining('stack.0') }
		});
	});

	it('has the methods that have no place in TonClient too', async () => {
		const address = BOB.toString();
		expect((await call('getAddressState', { address })).body['result']).toBe('uninitialized');
		expect((await call('getAddressBalance', { address })).body['result']).toBe(
			(await client.getBalance(BOB)).toString()
		);
		const boc = alice.message({ to: BOB, value: 1n, seqno: await alice.seqno() });
		const sent = await call('sendBocReturnHash', { boc });
		expect(sent.body['result']).toMatchObject({
			hash: Cell.fromBase64(boc).hash().toString('base64')
		});
	});

	it('has no way to the faucet or through time', async () => {
		for (const method of ['mint', 'travel', 'dev_faucet', 'dev_advance']) {
			expect((await call(method, { seconds: 5 })).status).toBe(404);
		}
	});
});
