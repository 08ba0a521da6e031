import { Address, beginCell, Cell, external, storeMessage } from '@ton/core';
import { internal } from '@ton/ton';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deepMessage, probeBody, probeTicket } from '../../chain/testing/probe.ts';
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
		expect(await postRpc(url, '{')).toMatchObject({ status: 422, body: { ok: false, id: null } });
		expect(await postRpc(url, [{ method: 'getMasterchainInfo' }])).toMatchObject({ status: 422 });
		expect(await postRpc(url, 'x'.repeat(65_537))).toMatchObject({
			status: 413,
			body: { code: 413 }
		});
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
