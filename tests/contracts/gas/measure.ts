import { toNano, type Address, type Cell, type StateInit } from '@ton/core';
import { Beacon } from '../../../src/lib/chain/contracts/beacon.ts';
import {
	storeAnchor,
	storeSetCatalogue
} from '../../../src/lib/chain/contracts/beacon-messages.ts';
import { toBody } from '../../../src/lib/chain/contracts/message-parts.ts';
import type { Purse } from '../../../src/lib/chain/contracts/purse.ts';
import { purseStateInit, type PurseConfig } from '../../../src/lib/chain/contracts/purse-data.ts';
import { storePlain, storeWithdraw } from '../../../src/lib/chain/contracts/purse-messages.ts';
import type { SandboxContract } from '@ton/sandbox';
import { measureExternal } from '../support/gas.ts';
import { idSet, someIds } from '../support/ids.ts';
import { hashOf } from '../support/keys.ts';
import type { PriceSet } from '../support/prices.ts';
import { redemption } from '../support/tickets.ts';
import { TestWallet, type WalletKind } from '../support/wallets.ts';
import { DAY, outcomeAt, verdict, World, type Outcome } from '../support/world.ts';

/** One operation of one contract, and all that it cost all parties together. */
export interface Measured {
	name: string;
	/** Gas of the contract itself, without the wallet's. */
	gas: bigint;
	/** Gas before ACCEPT, of external messages. */
	beforeAccept?: number;
	/** What the network took, of everybody. */
	costNano: bigint;
}

const FACE = 20_000_000n;
const RESERVE = 80_000_000n;

/** What all of these accounts together lose by an action is what the network took. */
async function lostBy(
	world: World,
	accounts: Address[],
	action: () => Promise<Outcome>
): Promise<{ outcome: Outcome; costNano: bigint }> {
	const total = async () => {
		const balances = await Promise.all(accounts.map((account) => world.balance(account)));
		return balances.reduce((sum, balance) => sum + balance, 0n);
	};
	const before = await total();
	const outcome = await action();
	if (verdict(outcome) !== 'ok') throw new Error(verdict(outcome));
	return { outcome, costNano: before - (await total()) };
}

/** Sends from a wallet and measures the contract that it was sent to. */
async function order(
	wallet: TestWallet,
	to: Address,
	name: string,
	message: { value: bigint; body?: Cell; init?: StateInit }
): Promise<Measured> {
	const { outcome, costNano } = await lostBy(wallet.world, [wallet.address, to], () =>
		wallet.send({ to, ...message })
	);
	if (outcome.kind !== 'done') throw new Error(outcome.kind);
	const there = outcomeAt(to, outcome.all);
	if (verdict(there) !== 'ok' || there.kind !== 'done')
		throw new Error(`${name}: ${verdict(there)}`);
	return { name, gas: there.gas, costNano };
}

async function ownersWorld(prices: PriceSet, kind: WalletKind) {
	const world = await World.create(prices);
	const wallet = await TestWallet.create(world, kind, toNano('10'));
	return { world, wallet };
}

/** A purse's life from its owner's wallet. */
export async function measureOwner(prices: PriceSet, kind: WalletKind): Promise<Measured[]> {
	const { world, wallet } = await ownersWorld(prices, kind);
	const config: PurseConfig = {
		owner: wallet.address,
		number: 0,
		sessionKey: world.session.publicKey,
		reserveNano: RESERVE
	};
	const { address } = world.purse(config);
	const value = toNano('0.05');
	const plain = (which: 'topUp' | 'unlock' | 'lock' | 'close') => ({
		value,
		body: toBody(storePlain(which, 1n))
	});
	const withdraw = toBody(storeWithdraw({ queryId: 1n, amountNano: toNano('0.5') }));
	const measured = [
		await order(wallet, address, `open with a ${kind}`, {
			value: toNano('1'),
			init: purseStateInit(config)
		}),
		await order(wallet, address, 'top up', plain('topUp')),
		await order(wallet, address, 'withdraw', { value, body: withdraw }),
		await order(wallet, address, 'unlock', plain('unlock')),
		await order(wallet, address, 'lock', plain('lock'))
	];
	await order(wallet, address, 'unlock', plain('unlock'));
	world.pass(3_600);
	return [...measured, await order(wallet, address, 'close', plain('close'))];
}

/** Redemptions on days that were more and more busy, the mean of so many tries each. */
export async function measureRedemptions(
	prices: PriceSet,
	counts: number[],
	tries: number
): Promise<Measured[]> {
	const world = await World.create(prices);
	const purse = await world.openPurse(toNano('2'));
	const measured = [await redeem(world, purse, 'the very first')];
	world.pass(DAY);
	measured.push(await redeem(world, purse, 'the first of a day'));
	for (const count of counts) measured.push(await redeemAfter(world, purse, count, tries));
	return measured;
}

async function redeem(
	world: World,
	purse: SandboxContract<Purse>,
	name: string
): Promise<Measured> {
	const { address } = purse;
	const { body } = await redemption(world, address, { faceValueNano: FACE });
	let beforeAccept = 0;
	const { outcome, costNano } = await lostBy(world, [address, world.payee.address], async () => {
		const external = await measureExternal(world, address, body);
		beforeAccept = external.beforeAccept;
		return external.outcome;
	});
	return { name, gas: outcome.kind === 'done' ? outcome.gas : 0n, beforeAccept, costNano };
}

/** A mean: an id's depth in the set is a matter of luck. */
async function redeemAfter(
	world: World,
	purse: SandboxContract<Purse>,
	count: number,
	tries: number
): Promise<Measured> {
	const name = `after ${count.toLocaleString('en')} that day`;
	const sets = {
		day: Math.floor(world.now / DAY),
		paidToday: count,
		tomorrow: idSet(someIds(count))
	};
	const results: Measured[] = [];
	while (results.length < tries) {
		await world.setPurseData(purse.address, sets);
		results.push(await redeem(world, purse, name));
	}
	const mean = (of: (one: Measured) => bigint) =>
		results.reduce((sum, one) => sum + of(one), 0n) / BigInt(tries);
	return {
		name,
		gas: mean(({ gas }) => gas),
		beforeAccept: Number(mean(({ beforeAccept }) => BigInt(beforeAccept ?? 0))),
		costNano: mean(({ costNano }) => costNano)
	};
}

/** A redemption paid by a wallet, and refused ones: what they cost whoever sent them. */
export async function measureInternalRedemption(prices: PriceSet): Promise<Measured> {
	const { world, wallet } = await ownersWorld(prices, 'W5');
	const { address } = await world.openPurse(toNano('1'));
	await redeem(world, world.purse(), 'the very first');
	const { body } = await redemption(world, address, { payee: wallet.address });
	return order(wallet, address, 'from a W5', { value: toNano('0.05'), body });
}

export async function measureBeacon(prices: PriceSet, kind: WalletKind): Promise<Measured[]> {
	const { world, wallet } = await ownersWorld(prices, kind);
	const beacon = Beacon.createFromConfig({ owner: wallet.address, catalogue: hashOf('one') });
	const head = { size: 1n, root: hashOf('root'), timeMs: world.now * 1000 };
	const value = toNano('0.05');
	const anchor = toBody(storeAnchor({ queryId: 1n, head }));
	const catalogue = toBody(storeSetCatalogue({ queryId: 1n, hash: hashOf('two') }));
	return [
		await order(wallet, beacon.address, `deploy with a ${kind}`, {
			value,
			...(beacon.init && { init: beacon.init })
		}),
		await order(wallet, beacon.address, `anchor with a ${kind}`, { value, body: anchor }),
		await order(wallet, beacon.address, `set the catalogue with a ${kind}`, {
			value,
			body: catalogue
		})
	];
}
