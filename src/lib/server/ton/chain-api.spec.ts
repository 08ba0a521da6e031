import { Address, beginCell, Cell, type Transaction } from '@ton/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askFaucet, fetchChainInfo } from '../../chain/coordinator-chain.ts';
import { eventually, TestWallet } from '../../chain/testing/test-wallet.ts';
import { openChainSite, postRpc, TON, type ChainSite } from '../testing/chain-site.ts';

const BLOCK_MS = 100;
const BOB = new Address(0, Buffer.alloc(32, 0xb0));

let site: ChainSite;
let { url, client, alice, probe } = {} as ChainSite;
beforeAll(async () => {
	site = await openChainSite(BLOCK_MS, BOB);
	({ url, client, alice, probe } = site);
}, 60_000);
afterAll(() => site.server.close());

const call = (method: string, params: unknown) =>
	postRpc(url, { id: 7, jsonrpc: '2.0', method, params });

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
