import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Address } from '@ton/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileProbe, deepMessage, probeMessage } from '../testing/probe.ts';
import { eventually } from '../testing/test-wallet.ts';
import { Ledger } from './ledger.ts';
import { LocalChain } from './local-chain.ts';
import type { ThreadSettings } from './messages.ts';

const BLOCK_MS = 50;
const ADDRESS = new Address(0, Buffer.alloc(32, 1)).toRawString();

let dir: string;
let chain: LocalChain;
let troubles: string[];
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'mulberry-test-'));
	troubles = [];
	chain = open();
});
afterEach(async () => {
	await chain.close();
	rmSync(dir, { recursive: true });
}, 30_000);

function open(changes: Partial<ThreadSettings> = {}, deadlineMs?: number): LocalChain {
	const file = join(dir, 'chain.sqlite');
	const settings = { file, globalId: -217, blockMs: BLOCK_MS, allowTimeTravel: false, ...changes };
	return new LocalChain(settings, (message) => troubles.push(message), deadlineMs);
}

async function balance(of = ADDRESS): Promise<bigint> {
	const reply = await chain.call({ method: 'getAddressBalance', params: { address: of } });
	if (!reply.ok) throw new Error(reply.error);
	return BigInt(String(reply.result));
}

describe('LocalChain', () => {
	it('starts with the first call, keeps its state over a restart, and does not travel in time', async () => {
		expect(chain.isStarted).toBe(false);
		await chain.mint(ADDRESS, 5n);
		expect(chain.isStarted).toBe(true);
		await eventually(async () => (await balance()) === 5n, 'the coins');
		const refused = { ok: false, code: 403, error: expect.stringContaining('DEVNET_TIME_TRAVEL') };
		expect(await chain.travel(3_600)).toEqual(refused);
		await chain.close();
		expect(await chain.mint(ADDRESS, 5n)).toMatchObject({ ok: false, code: 503 });
		chain = open();
		expect(await balance()).toBe(5n);
	});

	it('says so when its thread dies, and starts another one', async () => {
		writeFileSync(join(dir, 'in-the-way'), '');
		chain = open({ file: join(dir, 'in-the-way', 'chain.sqlite') });
		const call = { method: 'getAddressBalance', params: { address: ADDRESS } } as const;
		expect(await chain.call(call)).toMatchObject({ ok: false, code: 503 });
		expect(troubles).toEqual([expect.stringContaining('the thread failed')]);
		rmSync(join(dir, 'in-the-way'));
		expect(await balance()).toBe(0n);
	});

	it('gets over a message that breaks the emulator', async () => {
		await chain.mint(ADDRESS, 1n);
		await eventually(async () => (await balance()) === 1n, 'the coins');
		await chain.close();
		const ledger = new Ledger(join(dir, 'chain.sqlite'));
		const deep = deepMessage(Address.parse(ADDRESS), 600).toBoc().toString('base64');
		ledger.enqueue('deep', deep);
		ledger.close();
		chain = open();
		await chain.mint(ADDRESS, 5n);
		const call = { method: 'getAddressBalance', params: { address: ADDRESS } } as const;
		await eventually(async () => {
			const reply = await chain.call(call);
			return reply.ok && reply.result === '6';
		}, 'the message behind it');
		expect(troubles.filter((text) => text.includes('memory access'))).toHaveLength(2);
	});

	it('leaves the process its time while a contract computes', async () => {
		const probe = await compileProbe(1);
		const address = probe.address.toRawString();
		await chain.mint(address, 1_000_000_000n);
		await eventually(async () => (await balance(address)) > 0n, 'the coins');
		const boc = probeMessage(probe, 1n, true).toBoc().toString('base64');
		await chain.call({ method: 'sendBoc', params: { boc } });
		const state = async () => {
			const reply = await chain.call({ method: 'getAddressState', params: { address } });
			return reply.ok && reply.result === 'active';
		};
		await eventually(state, 'the probe');
		let ticks = 0;
		const timer = setInterval(() => ticks++, 5);
		const startedMs = performance.now();
		const params = { address, method: 'for_ever', stack: [] };
		const reply = await chain.call({ method: 'runGetMethod', params });
		clearInterval(timer);
		expect(reply).toMatchObject({ ok: true, result: { exit_code: -14 } });
		expect(performance.now() - startedMs).toBeGreaterThan(50);
		expect(ticks).toBeGreaterThanOrEqual(5);

		// The same to a coordinator that takes such a thread for hung.
		await chain.close();
		chain = open({}, 60);
		const impatient = await chain.call({ method: 'runGetMethod', params });
		expect(impatient).toMatchObject({ ok: false, code: 504 });
		await eventually(async () => !chain.isStarted, 'the end of the thread');
		expect(troubles.at(-1)).toContain('said nothing for 60 ms');
	});

	it('loses nothing that it has promised when it is killed at any moment', async () => {
		const child = fileURLToPath(new URL('testing/mint-until-killed.ts', import.meta.url));
		const file = join(dir, 'chain.sqlite');
		let [asked, promised] = [0, 0];
		for (const afterPromises of [1, 60]) {
			const counts = await runAndKill([child, file, ADDRESS, '20'], afterPromises);
			expect(counts.promised).toBeGreaterThanOrEqual(afterPromises);
			asked += counts.asked;
			promised += counts.promised;
			const db = new DatabaseSync(file);
			expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
			db.close();
		}
		const call = { method: 'getMasterchainInfo', params: {} } as const;
		await chain.call(call);
		await eventually(async () => (await balance()) >= BigInt(promised), 'what was promised');
		// What was asked for last may have been taken before its promise was printed.
		expect(await balance()).toBeLessThanOrEqual(BigInt(asked));
		await expectConsistentHistory();
	}, 90_000);
});

/** Every transaction refers to the one before it, and the account to the last. */
async function expectConsistentHistory(): Promise<void> {
	const information = await chain.call({
		method: 'getAddressInformation',
		params: { address: ADDRESS }
	});
	const history = await chain.call({
		method: 'getTransactions',
		params: { address: ADDRESS, limit: 100 }
	});
	if (!information.ok || !history.ok) throw new Error('the chain failed');
	const { last_transaction_id, balance: nano } = information.result as {
		last_transaction_id: unknown;
		balance: string;
	};
	const transactions = history.result as { transaction_id: { lt: string }; utime: number }[];
	expect(transactions[0]?.transaction_id).toEqual(last_transaction_id);
	const lts = transactions.map(({ transaction_id }) => Number(transaction_id.lt));
	expect(lts).toEqual([...lts].sort((a, b) => b - a));
	expect(new Set(lts).size).toBe(lts.length);
	expect(Math.min(Number(nano), 100)).toBe(transactions.length);
}

async function runAndKill(
	args: string[],
	afterPromises: number
): Promise<{ asked: number; promised: number }> {
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const counts = { asked: 0, promised: 0 };
	await new Promise<void>((resolve, reject) => {
		let rest = '';
		child.on('error', reject);
		child.on('exit', (code) =>
			code === null ? resolve() : reject(new Error(`the process ended by itself with ${code}`))
		);
		child.stdout.on('data', (data: Buffer) => {
			const lines = (rest + data.toString()).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) {
				const [what, count] = line.split(' ');
				if (what === 'asked') counts.asked = Number(count);
				if (what === 'promised') counts.promised = Number(count);
			}
			if (counts.promised >= afterPromises) child.kill('SIGKILL');
		});
	});
	return counts;
}
