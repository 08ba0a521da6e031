import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LocalChain } from '../../chain/devnet/local-chain.ts';
import { parseExternalMessage } from '../../chain/external-message.ts';
import type { ChainBackend, RpcCall, RpcReply } from '../../chain/rpc.ts';
import { compileProbe, probeMessage, probeTicket, type Probe } from '../../chain/testing/probe.ts';
import { eventually } from '../../chain/testing/test-wallet.ts';
import { Outbox, type NewMessage, type OutboxOptions } from './outbox.ts';
import { OutboxStore } from './outbox-store.ts';

let dir: string;
let outbox: Outbox;
let errors: unknown[];
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'mulberry-test-'));
	errors = [];
});
afterEach(async () => {
	await outbox.close();
	rmSync(dir, { recursive: true });
	expect(errors).toEqual([]);
});

function open(backend: ChainBackend, changes: Partial<OutboxOptions> = {}): Outbox {
	outbox = new Outbox({
		store: new OutboxStore(join(dir, 'outbox.sqlite')),
		backend,
		onError: (error) => errors.push(error),
		...{ firstDelayMs: 0, firstPauseMs: 40, maxPauseMs: 80 },
		...changes
	});
	return outbox;
}

const inAnHour = () => Date.now() + 3_600_000;

describe('with a real purse-like contract', () => {
	const chainDir = mkdtempSync(join(tmpdir(), 'mulberry-test-'));
	let chain: LocalChain;
	beforeAll(() => {
		const file = join(chainDir, 'chain.sqlite');
		const settings = { file, globalId: -217, blockMs: 50, allowTimeTravel: false };
		chain = new LocalChain(settings, (message) => errors.push(message));
	});
	afterAll(async () => {
		await chain.close();
		rmSync(chainDir, { recursive: true });
	});

	function redemption(probe: Probe, number: bigint): NewMessage {
		const boc = probeMessage(probe, number).toBoc().toString('base64');
		const parsed = parseExternalMessage(boc, 4_096);
		if (!parsed.ok) throw new Error(parsed.message);
		const { hash, to } = parsed.message;
		return { hash, boc, purse: to, ticket: probeTicket(number).hex, expires: inAnHour() };
	}

	async function call<T>(one: RpcCall): Promise<T> {
		const reply = await chain.call(one);
		if (!reply.ok) throw new Error(reply.error);
		return reply.result as T;
	}

	async function deploy(probe: Probe): Promise<void> {
		const address = probe.address.toRawString();
		await chain.mint(address, 1_000_000_000n);
		const hasCoins = async () =>
			(await call({ method: 'getAddressBalance', params: { address } })) !== '0';
		await eventually(hasCoins, 'the coins');
		const boc = probeMessage(probe, 0n, true).toBoc().toString('base64');
		await call({ method: 'sendBoc', params: { boc } });
	}

	it('sends until the ticket is paid, and then no more', async () => {
		const probe = await compileProbe(1);
		await deploy(probe);
		const message = redemption(probe, 7n);
		open(chain).add(message);
		await eventually(async () => outbox.get(message.hash)?.state === 'redeemed', 'the end');
		const kept = outbox.get(message.hash);
		expect(kept).toMatchObject({ accepted: 1, boc: message.boc });
		expect(outbox.waitingCount()).toBe(0);
		const transactions = await call<unknown[]>({
			method: 'getTransactions',
			params: { address: message.purse, limit: 10 }
		});
		// Coins, code, ticket.
		expect(transactions).toHaveLength(3);
	});

	it('goes on after a restart with what the chain did not take before', async () => {
		const probe = await compileProbe(2);
		const message = redemption(probe, 7n);
		open(chain).add(message);
		await eventually(async () => (outbox.get(message.hash)?.attempts ?? 0) >= 2, 'two attempts');
		expect(outbox.get(message.hash)).toMatchObject({
			...{ state: 'waiting', accepted: 0 },
			error: expect.stringContaining('rejected')
		});
		await outbox.close();
		await deploy(probe);
		open(chain);
		await eventually(async () => outbox.get(message.hash)?.state === 'redeemed', 'the end');
	});
});

describe('with a scripted chain', () => {
	type Script = (call: RpcCall) => RpcReply;
	const takes: Script = () => ({ ok: true, result: { '@type': 'ok' } });
	const refuses: Script = () => ({ ok: false, code: 500, error: 'exitcode=409' });

	function scripted(script: Script): ChainBackend & { calls: { call: RpcCall; atMs: number }[] } {
		const calls: { call: RpcCall; atMs: number }[] = [];
		return {
			calls,
			call(call) {
				calls.push({ call, atMs: performance.now() });
				return Promise.resolve(script(call));
			},
			close: () => Promise.resolve()
		};
	}

	const message = (n: number, changes: Partial<NewMessage> = {}): NewMessage => ({
		hash: n.toString(16).padStart(64, '0'),
		...{ boc: `boc${n}`, purse: `0:${'a'.repeat(64)}`, ticket: null, expires: inAnHour() },
		...changes
	});
	const ticket = 'f'.repeat(64);

	it('sends the very message again after pauses that double up to the longest', async () => {
		const chain = scripted(refuses);
		open(chain, { random: () => 1, firstPauseMs: 30, maxPauseMs: 50 }).add(message(1));
		await eventually(async () => chain.calls.length >= 9, 'nine attempts');
		expect(new Set(chain.calls.map(({ call }) => JSON.stringify(call)))).toEqual(
			new Set(['{"method":"sendBoc","params":{"boc":"boc1"}}'])
		);
		const pauses = chain.calls.slice(1).map(({ atMs }, n) => atMs - (chain.calls[n]?.atMs ?? 0));
		[30, 50, 50, 50].forEach((ms, n) => expect(pauses[n]).toBeGreaterThanOrEqual(ms - 2));
		// Doubling without end, the eighth alone would take 3,840 ms.
		expect(pauses[7]).toBeLessThan(3_000);
	});

	it('goes on until it expires where nobody can say whether it is paid, and not longer', async () => {
		const chain = scripted(takes);
		open(chain).add(message(1, { expires: Date.now() + 300 }));
		await eventually(async () => outbox.get(message(1).hash)?.state === 'expired', 'the end');
		const sent = chain.calls.length;
		expect(sent).toBeGreaterThanOrEqual(2);
		await new Promise((resolve) => setTimeout(resolve, 150));
		expect(chain.calls).toHaveLength(sent);
	});

	it.each([
		['says yes', ['num', '-0x1'], 'redeemed'],
		['says no', ['num', '0x0'], 'waiting'],
		['says something else', ['cell', {}], 'waiting']
	])('asks the purse first; when it %s', async (_name, item, state) => {
		const chain = scripted(({ method }) =>
			method === 'runGetMethod'
				? { ok: true, result: { exit_code: 0, stack: [item] } }
				: refuses({ method: 'sendBoc', params: { boc: '' } })
		);
		open(chain).add(message(1, { ticket }));
		await eventually(async () => chain.calls.length >= 1, 'a call');
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(outbox.get(message(1).hash)?.state).toBe(state);
		expect(chain.calls[0]?.call).toEqual({
			method: 'runGetMethod',
			params: {
				...{ address: message(1).purse, method: 'is_redeemed' },
				stack: [['num', `0x${ticket}`]]
			}
		});
		expect(chain.calls.some(({ call }) => call.method === 'sendBoc')).toBe(state === 'waiting');
	});

	it('cannot be made to stop by who sends it the same message with a lie', async () => {
		const chain = scripted(refuses);
		open(chain).add(message(1, { expires: Date.now() + 50 }));
		await eventually(async () => outbox.get(message(1).hash)?.state === 'expired', 'the lie');
		const honest = message(1, { ticket });
		expect(outbox.add(honest)).toMatchObject({ state: 'waiting', ticket, expires: honest.expires });
		outbox.add(message(1, { ticket: 'e'.repeat(64), expires: 1 }));
		expect(outbox.get(honest.hash)).toMatchObject({ ticket, expires: honest.expires });
	});

	it('refuses more than it may hold, unless something was never taken', async () => {
		const chain = scripted(({ method, params }) =>
			method === 'sendBoc' && params.boc === 'boc1'
				? refuses({ method, params })
				: takes({ method: 'shards', params: { seqno: 1 } })
		);
		open(chain, { maxWaiting: 2, maxPauseMs: 30 }).add(message(1));
		outbox.add(message(2));
		expect(outbox.add(message(3))).toBeNull();
		await eventually(async () => (outbox.get(message(1).hash)?.attempts ?? 0) >= 3, 'attempts');
		expect(outbox.add(message(3))).toMatchObject({ state: 'waiting' });
		expect(outbox.get(message(1).hash)).toBeNull();
		expect(outbox.get(message(2).hash)).not.toBeNull();
	});

	it('leaves a message as it was when it is closed in the middle of sending it', async () => {
		const { promise, resolve } = Promise.withResolvers<RpcReply>();
		const chain: ChainBackend = { call: () => promise, close: () => Promise.resolve() };
		open(chain).add(message(1));
		await new Promise((done) => setTimeout(done, 50));
		const closed = outbox.close();
		resolve({ ok: false, code: 503, error: 'the coordinator shuts down' });
		await closed;
		open(scripted(takes), { firstDelayMs: 10_000 });
		expect(outbox.get(message(1).hash)).toMatchObject({ attempts: 0, error: null });
	});
});
