import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Address, getMethodId } from '@ton/core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compileProbe, probeMessage, probeTicket, type Probe } from '../testing/probe.ts';
import { eventually } from '../testing/test-wallet.ts';
import { Devnet } from './devnet.ts';
import { Ledger } from './ledger.ts';
import { Machine, readAccount } from './machine.ts';

const BLOCK_MS = 150;
const TON = 1_000_000_000n;

let machine: Machine;
let probe: Probe;
let dir: string;
let ledger: Ledger;
let devnet: Devnet;
let errors: unknown[];

beforeAll(async () => {
	[machine, probe] = await Promise.all([Machine.create(-217), compileProbe(1)]);
}, 60_000);
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'mulberry-test-'));
	errors = [];
	open();
});
afterEach(async () => {
	await devnet.close();
	rmSync(dir, { recursive: true });
});

function open(): void {
	ledger = new Ledger(join(dir, 'chain.sqlite'));
	const onError = (error: unknown) => errors.push(error);
	devnet = new Devnet(ledger, machine, { blockMs: BLOCK_MS, onError });
}

const addressOf = (n: number) => new Address(0, Buffer.alloc(32, n));
const mint = (address: Address, nano: bigint) => devnet.use((chain) => chain.mint(address, nano));
const send = (id: bigint, isFirst = false) =>
	devnet.use((chain) => chain.accept(probeMessage(probe, id, isFirst)));
const head = () => devnet.use((chain) => chain.head());
const balance = (address: Address) =>
	devnet.use((chain) => readAccount(chain.account(address)).account?.storage.balance.coins ?? 0n);
const transactions = (address: Address) =>
	devnet.use((chain) => chain.ledger.transactions(address.toRawString(), 2n ** 60n, -1n, 1_000));

async function remembers(id: bigint): Promise<boolean> {
	const stack = [{ type: 'int' as const, value: probeTicket(id).id }];
	const result = await devnet.use((chain) =>
		chain.get(probe.address, getMethodId('is_redeemed'), stack)
	);
	const [item] = result?.stack ?? [];
	return item?.type === 'int' && item.value !== 0n;
}

/** A probe with coins and code, that remembers 1. */
async function deployProbe(): Promise<void> {
	await mint(probe.address, TON);
	await eventually(async () => (await balance(probe.address)) === TON, 'the coins');
	await send(1n, true);
	await eventually(() => remembers(1n), 'the probe');
}

describe('Devnet', () => {
	it('makes what was sent final with the next block, and not before', async () => {
		const sentAt = (await head()).seqno;
		await mint(addressOf(1), TON);
		// Nothing yet, unless a block has come in between.
		const seen = await devnet.use((chain) => ({
			seqno: chain.head().seqno,
			count: chain.ledger.transactions(addressOf(1).toRawString(), 2n ** 60n, -1n, 9).length
		}));
		expect(seen.count).toBe(seen.seqno === sentAt ? 0 : 1);
		await eventually(async () => (await balance(addressOf(1))) === TON, 'the coins');
		const [transaction] = await transactions(addressOf(1));
		expect(transaction?.seqno).toBeGreaterThan(sentAt);
		expect(transaction?.seqno).toBeLessThanOrEqual((await head()).seqno);
	});

	it('takes about a block’s time', async () => {
		const delays: number[] = [];
		for (let n = 1; n <= 4; n++) {
			const sentMs = performance.now();
			await mint(addressOf(n), TON);
			await eventually(async () => (await balance(addressOf(n))) === TON, 'the coins');
			delays.push(performance.now() - sentMs);
		}
		// The first one comes at any time within a block; the others right after one.
		const total = delays.slice(1).reduce((sum, ms) => sum + ms, 0);
		expect(total).toBeGreaterThan(2.5 * BLOCK_MS);
	});

	it('shows all of a block or nothing of it', async () => {
		await devnet.use((chain) => {
			for (let n = 1; n <= 20; n++) chain.mint(addressOf(n), 1n);
		});
		const sums = new Set<bigint>();
		await eventually(async () => {
			const all = Array.from({ length: 20 }, (_, n) => balance(addressOf(n + 1)));
			const sum = (await Promise.all(all)).reduce((a, b) => a + b, 0n);
			sums.add(sum);
			return sum === 20n;
		}, 'the coins');
		// Reads of one look may lie on both sides of a block, but they never see it half.
		const [transaction] = await transactions(addressOf(1));
		const block = await devnet.use((chain) => chain.ledger.ofBlock(transaction?.seqno ?? 0, 0, 99));
		expect(block).toHaveLength(20);
	});

	it('takes the same message twice while it waits, and applies it once', async () => {
		await deployProbe();
		await devnet.use(async (chain) => {
			await chain.accept(probeMessage(probe, 2n));
			await chain.accept(probeMessage(probe, 2n));
			expect(chain.ledger.queueLength()).toBe(1);
		});
		await eventually(() => remembers(2n), 'the message');
		expect(await transactions(probe.address)).toHaveLength(3);
	});

	it('drops without a trace what a block finds no longer acceptable', async () => {
		await deployProbe();
		const other = { ...probe, init: probe.init };
		await devnet.use(async (chain) => {
			await chain.accept(probeMessage(probe, 2n));
			// Another message with the same effect: acceptable now, and not after the first.
			await chain.accept(probeMessage(other, 2n, true));
		});
		await eventually(() => remembers(2n), 'the message');
		await eventually(
			async () => (await devnet.use((c) => c.ledger.queueLength())) === 0,
			'the rest'
		);
		expect(await transactions(probe.address)).toHaveLength(3);
		expect(errors).toEqual([]);
	});

	it('goes on where it was, with what no block had yet', async () => {
		await deployProbe();
		const before = { head: await head(), balance: await balance(probe.address) };
		await send(2n);
		await devnet.close();
		open();
		expect((await head()).seqno).toBeGreaterThan(before.head.seqno);
		await eventually(() => remembers(2n), 'the message');
		expect(await balance(probe.address)).toBeLessThan(before.balance);
		const seqnos = (await transactions(probe.address)).map(({ seqno }) => seqno);
		expect(seqnos).toEqual([...seqnos].sort((a, b) => b - a));
	});

	it('travels in time, also over a restart', async () => {
		const before = (await head()).utime;
		await devnet.use((chain) => chain.travel(86_400));
		expect((await head()).utime - before).toBeGreaterThanOrEqual(86_400);
		await devnet.close();
		open();
		expect((await head()).utime - before).toBeGreaterThanOrEqual(86_400);
	});

	it('leaves to the next block what is too much for one', async () => {
		await devnet.use((chain) => {
			for (let n = 0; n < 600; n++) chain.mint(addressOf(1), 1n);
		});
		await eventually(async () => (await balance(addressOf(1))) === 600n, 'the coins');
		const blocks = new Set((await transactions(addressOf(1))).map(({ seqno }) => seqno));
		expect(blocks.size).toBeGreaterThanOrEqual(2);
	});

	it('refuses more messages than it may hold', async () => {
		await devnet.use((chain) => {
			for (let n = 0; n < 2_000; n++) chain.ledger.enqueue(`${n}`, 'AA==');
			expect(() => chain.mint(addressOf(1), 1n)).toThrow('too many messages');
			for (let id = chain.ledger.nextQueued()?.id; id; id = chain.ledger.nextQueued()?.id) {
				chain.ledger.dequeue(id);
			}
		});
	});

	it('survives a message that it cannot process, and then drops it', async () => {
		await devnet.use((chain) => {
			chain.ledger.enqueue('broken', 'not a BoC');
			chain.mint(addressOf(1), 1n);
		});
		await eventually(async () => (await balance(addressOf(1))) === 1n, 'the message behind it');
		expect(errors).toHaveLength(2);
	});
});
