import { beginCell, toNano, type Cell } from '@ton/core';
import type { SandboxContract } from '@ton/sandbox';
import { beforeEach, describe, expect, it } from 'vitest';
import {
	BEACON_OPCODES,
	loadAnchored,
	loadExcess,
	storeAnchor,
	storeExcess,
	storeSetCatalogue,
	storeSetOwner,
	type LogHead
} from '../../src/lib/chain/contracts/beacon-messages.ts';
import { Beacon } from '../../src/lib/chain/contracts/beacon.ts';
import { toBody } from '../../src/lib/chain/contracts/message-parts.ts';
import {
	BEACON_EXIT_CODES,
	beaconRefusal,
	type BeaconRefusal
} from '../../src/lib/chain/contracts/refusals.ts';
import { exitCodesOf } from './support/exit-codes.ts';
import { hashOf } from './support/keys.ts';
import { PRICE_SETS } from './support/prices.ts';
import { verdict, World } from './support/world.ts';

const failed = (kind: BeaconRefusal) => `failed ${BEACON_EXIT_CODES[kind]}`;

describe.each(PRICE_SETS)('the beacon at the prices of %s', (prices) => {
	let world: World;
	let beacon: SandboxContract<Beacon>;

	beforeEach(async () => {
		world = await World.create(prices);
		beacon = world.chain.openContract(
			Beacon.createFromConfig({
				owner: world.owner.address,
				catalogue: hashOf('catalogue')
			})
		);
		await beacon.sendDeploy(world.owner.getSender(), toNano('0.1'));
	});

	const balance = () => world.balance(beacon.address);
	const value = prices === 'mainnet' ? toNano('0.0007') : toNano('0.005');
	const send = (body: Cell, from = world.owner, valueNano = value) =>
		world.internal(from.address, beacon.address, valueNano, body);
	const head = (size: bigint, timeMs = world.now * 1000): LogHead => ({
		size,
		root: hashOf(`root ${size}`),
		timeMs
	});
	const anchor = (next: LogHead, from = world.owner) =>
		send(toBody(storeAnchor({ queryId: 1n, head: next })), from);

	it('begins with an empty head and its catalogue', async () => {
		expect(await beacon.getLastHead()).toEqual({
			size: 0n,
			root: new Uint8Array(32),
			timeMs: 0
		});
		expect(await beacon.getCatalogue()).toEqual(hashOf('catalogue'));
		expect(await beacon.getVersion()).toBe(1);
	});

	it('keeps a new head and tells the world', async () => {
		const outcome = await anchor(head(7n));
		expect(verdict(outcome)).toBe('ok');
		expect(await beacon.getLastHead()).toEqual(head(7n));
		if (outcome.kind !== 'done') throw new Error(outcome.kind);
		expect(outcome.externals).toHaveLength(1);
		const [emitted] = outcome.externals;
		expect(emitted && loadAnchored(emitted.body.beginParse())).toEqual(head(7n));
	});

	it('takes no head that is not larger and newer, or that is ahead of the clock', async () => {
		await anchor(head(7n));
		world.pass(60);
		const cases: [LogHead, BeaconRefusal][] = [
			[head(7n), 'sizeNotGrown'],
			[head(6n), 'sizeNotGrown'],
			[head(8n, (world.now - 60) * 1000), 'timeNotGrown'],
			[head(8n, (world.now - 61) * 1000), 'timeNotGrown'],
			[head(8n, (world.now + 600) * 1000 + 1), 'timeInFuture']
		];
		for (const [next, kind] of cases) {
			const outcome = await anchor(next);
			expect(verdict(outcome)).toBe(failed(kind));
			if (outcome.kind !== 'done') throw new Error(outcome.kind);
			expect(outcome.externals).toHaveLength(0);
		}
		expect((await beacon.getLastHead()).size).toBe(7n);
		expect(verdict(await anchor(head(8n, (world.now + 600) * 1000)))).toBe('ok');
	});

	it('obeys its owner alone', async () => {
		const bodies = [
			toBody(storeAnchor({ queryId: 1n, head: head(7n) })),
			toBody(storeSetCatalogue({ queryId: 1n, hash: hashOf('other') })),
			toBody(storeSetOwner({ queryId: 1n, owner: world.stranger.address }))
		];
		const data = (await world.data(beacon.address)).hash();
		for (const body of bodies) {
			expect(verdict(await send(body, world.stranger))).toBe(failed('notOwner'));
		}
		expect((await world.data(beacon.address)).hash()).toEqual(data);
	});

	it('changes its catalogue, and returns what it holds above a year’s rent', async () => {
		const owner = await world.balance(world.owner.address);
		const before = await balance();
		const body = toBody(storeSetCatalogue({ queryId: 9n, hash: hashOf('other') }));
		const outcome = await send(body);
		expect(verdict(outcome)).toBe('ok');
		expect(await beacon.getCatalogue()).toEqual(hashOf('other'));
		const perSecond = prices === 'mainnet' ? 32n * 135n : 32n * 500n + 12_000n;
		const rent = (perSecond * 31_536_000n + 0xffffn) >> 16n;
		expect(await balance()).toBe(rent);
		const gained = (await world.balance(world.owner.address)) - owner;
		expect(gained).toBeGreaterThan(before - rent - toNano('0.006'));
		if (outcome.kind !== 'done') throw new Error(outcome.kind);
		const excess = outcome.all.at(-1)?.inMessage?.body.beginParse();
		expect(excess && loadExcess(excess)).toEqual({ queryId: 9n });
	});

	it('changes hands, and the old owner is none any more', async () => {
		const owner = world.stranger.address;
		expect(verdict(await send(toBody(storeSetOwner({ queryId: 1n, owner }))))).toBe('ok');
		expect(verdict(await anchor(head(7n)))).toBe(failed('notOwner'));
		expect(verdict(await anchor(head(7n), world.stranger))).toBe('ok');
	});

	it('keeps what an anchor brings, so that a year of anchors never empties it', async () => {
		for (let hour = 1; hour <= 24; hour++) {
			world.pass(3600);
			const before = await balance();
			expect(verdict(await anchor(head(BigInt(hour))))).toBe('ok');
			expect(await balance()).toBeGreaterThanOrEqual(before - toNano('0.00001'));
		}
	});

	it('takes money from anyone, and bounces what it does not know', async () => {
		const before = await balance();
		const comment = beginCell().storeUint(0, 32).storeStringTail('rent').endCell();
		for (const body of [beginCell().endCell(), comment]) {
			expect(verdict(await send(body, world.stranger, toNano('0.1')))).toBe('ok');
		}
		expect((await balance()) - before).toBeGreaterThan(toNano('0.19'));
		for (const body of [toBody(storeExcess(1n)), beginCell().storeUint(1, 5).endCell()]) {
			expect(verdict(await send(body, world.stranger))).toBe(failed('unknownMessage'));
		}
	});

	it('is served by the wrapper’s own senders', async () => {
		const via = world.owner.getSender();
		await beacon.sendAnchor(via, { valueNano: value, head: head(3n) });
		await beacon.sendSetCatalogue(via, { valueNano: value, hash: hashOf('third') });
		await beacon.sendSetOwner(via, { valueNano: value, owner: world.stranger.address });
		expect(await beacon.getLastHead()).toEqual(head(3n));
		expect(await beacon.getCatalogue()).toEqual(hashOf('third'));
		expect(verdict(await anchor(head(4n)))).toBe(failed('notOwner'));
	});
});

describe('the beacon’s refusals', () => {
	it('are numbered as in contracts/errors.tolk, with a sentence each', () => {
		expect(BEACON_EXIT_CODES).toEqual(exitCodesOf('Refusal', 'BeaconRefusal'));
		const sentences = Object.values(BEACON_EXIT_CODES).map((code) => beaconRefusal(code)?.sentence);
		expect(new Set(sentences).size).toBe(sentences.length);
		expect(beaconRefusal(0)).toBeNull();
	});

	it('and its opcodes are all different', () => {
		expect(new Set(Object.values(BEACON_OPCODES)).size).toBe(5);
	});
});
