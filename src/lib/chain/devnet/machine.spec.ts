import {
	Address,
	beginCell,
	Cell,
	Dictionary,
	getMethodId,
	storeMessage,
	type Message
} from '@ton/core';
import { defaultConfig } from '@ton/sandbox';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileProbe, probeBody, type Probe } from '../testing/probe.ts';
import { networkConfig } from './config.ts';
import { emptyAccount, Machine, readAccount, type Outcome } from './machine.ts';

const UTIME = 1_790_000_000;
const TON = 1_000_000_000n;

let machine: Machine;
let probe: Probe;
beforeAll(async () => {
	[machine, probe] = await Promise.all([Machine.create(-217), compileProbe(1)]);
}, 60_000);

const cellOf = (message: Message) => beginCell().store(storeMessage(message)).endCell();

function run(state: string, message: Message, lt: bigint, utime = UTIME): Promise<Outcome> {
	return machine.run(state, cellOf(message), { utime, lt, randomSeed: Buffer.alloc(32) });
}

function deployment(): Message {
	return {
		info: {
			...{ type: 'internal', ihrDisabled: true, bounce: false, bounced: false },
			...{ src: new Address(0, Buffer.alloc(32)), dest: probe.address, value: { coins: TON } },
			...{ ihrFee: 0n, forwardFee: 0n, createdLt: 1n, createdAt: UTIME }
		},
		init: probe.init,
		body: Cell.EMPTY
	};
}

async function deployed(): Promise<string> {
	const outcome = await run(emptyAccount(probe.address), deployment(), 2_000_000n);
	if (!outcome.ok) throw new Error(outcome.error);
	return outcome.state;
}

const record = (id: bigint): Message => ({
	info: { type: 'external-in', dest: probe.address, importFee: 0n },
	body: probeBody(id)
});

describe('networkConfig', () => {
	const params = (base64: string) =>
		Cell.fromBase64(base64)
			.beginParse()
			.loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());

	it('has mainnet’s prices of today and the network’s id', () => {
		const config = params(networkConfig(defaultConfig, -217));
		expect(config.get(19)?.beginParse().loadInt(32)).toBe(-217);

		const gas = config.get(21)?.beginParse();
		expect(gas?.loadUint(8)).toBe(0xd1);
		expect([gas?.loadUintBig(64), gas?.loadUintBig(64)]).toEqual([100n, 6_667n]);
		expect(gas?.loadUint(8)).toBe(0xde);
		expect([gas?.loadUintBig(64), gas?.loadUintBig(64)]).toEqual([4_369_067n, 1_000_000n]);

		const forward = config.get(25)?.beginParse();
		expect(forward?.loadUint(8)).toBe(0xea);
		const forwardPrices = [1, 2, 3].map(() => forward?.loadUintBig(64));
		expect(forwardPrices).toEqual([66_667n, 4_369_067n, 436_906_667n]);
	});

	it('leaves the limits and the masterchain’s prices as they are', () => {
		const [before, after] = [params(defaultConfig), params(networkConfig(defaultConfig, -217))];
		for (const number of [8, 20, 22, 23, 24]) {
			expect(after.get(number)?.equals(before.get(number) ?? Cell.EMPTY)).toBe(true);
		}
	});
});

describe('Machine', () => {
	it('tells contracts the devnet’s id', async () => {
		const state = await deployed();
		const result = await machine.get(probe.address, state, getMethodId('global_id'), [], UTIME);
		expect(result?.stack).toEqual([{ type: 'int', value: -217n }]);
	});

	it('charges today’s prices: gas, and storage by the cell', async () => {
		const state = await deployed();
		const first = await run(state, record(1n), 3_000_000n);
		if (!first.ok) throw new Error(first.error);
		const { description } = first.transaction;
		if (description.type !== 'generic' || description.computePhase.type !== 'vm') {
			throw new Error('expected a run of the virtual machine');
		}
		const { gasUsed, gasFees } = description.computePhase;
		expect(gasFees).toBe(6_667n + ceil((gasUsed - 100n) * 4_369_067n));

		const day = 86_400;
		const later = await run(first.state, record(2n), 4_000_000n, UTIME + day);
		if (!later.ok || later.transaction.description.type !== 'generic') throw new Error('refused');
		const { cells } = readAccount(first.state).account?.storageStats.used ?? { cells: 0n };
		const { storagePhase } = later.transaction.description;
		expect(cells).toBeGreaterThan(2n);
		expect(storagePhase?.storageFeesCollected).toBe(ceil(cells * 135n * BigInt(day)));
	});

	it('gives the exit code of a message that the account does not take', async () => {
		const taken = await run(await deployed(), record(1n), 3_000_000n);
		if (!taken.ok) throw new Error(taken.error);
		expect(await run(taken.state, record(1n), 4_000_000n)).toMatchObject({
			ok: false,
			exitCode: 409
		});
		const empty = emptyAccount(probe.address);
		expect(await run(empty, record(1n), 4_000_000n)).toMatchObject({ ok: false, exitCode: null });
	});

	it('stops a get-method that never ends', async () => {
		const state = await deployed();
		const result = await machine.get(probe.address, state, getMethodId('for_ever'), [], UTIME);
		expect(result?.exitCode).toBe(-14);
	});

	it('has nothing to run where there is no code', async () => {
		const state = emptyAccount(probe.address);
		expect(await machine.get(probe.address, state, 1, [], UTIME)).toBeNull();
	});
});

/** Prices are in 65,536ths, and fees are rounded up. */
function ceil(scaled: bigint): bigint {
	return (scaled + 65_535n) / 65_536n;
}
