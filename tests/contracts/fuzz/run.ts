import { Address, toNano } from '@ton/core';
import type { SandboxContract, TreasuryContract } from '@ton/sandbox';
import { loadPurseData } from '../../../src/lib/chain/contracts/purse-data.ts';
import { equalBytes } from '../../../src/lib/protocol/bytes.ts';
import { hashOf, identityFrom } from '../support/keys.ts';
import { PRICE_SETS, SMALLEST_SEND, type PriceSet } from '../support/prices.ts';
import { DAY, World } from '../support/world.ts';
import { ACTIONS, type ActionName } from './actions.ts';
import { PurseModel, type Attempt, type Fees } from './purse-model.ts';
import { Random } from './random.ts';
import type { Redemption } from '../support/tickets.ts';

export interface FuzzOptions {
	seed: number;
	steps: number;
	prices?: PriceSet;
	/** Called with each step's line, for a log. */
	onStep?: (line: string) => void;
}

/** A ticket that somebody holds: it may be tried again and again. */
export interface Held extends Attempt {
	redemption: Redemption;
}

/** Everything that a step may use. */
export interface Scene {
	world: World;
	random: Random;
	fees: Fees;
	slackNano: bigint;
	purses: PurseModel[];
	payees: Address[];
	strangers: SandboxContract<TreasuryContract>[];
	held: Held[];
	/** What each payee may have got at most: face values and other people's message values. */
	owedNano: Map<string, bigint>;
	thief: CryptoKey;
}

export interface FuzzResult {
	/** How often each kind of step ended how. */
	counts: Record<string, number>;
	paidNano: bigint;
	burntNano: bigint;
	returnedNano: bigint;
}

const NOBODY = new Address(0, Buffer.alloc(32));

/**
 * Random steps against the model: every verdict, every balance. Then all purses are closed, which has
 * to bring everything back.
 *
 * @throws Error with seed, step and the last lines of the log
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
	const scene = await openScene(options);
	const counts: Record<string, number> = {};
	const log: string[] = [];
	for (let step = 1; step <= options.steps; step++) {
		const name: ActionName = scene.random.weighted(WEIGHTS);
		try {
			const result = await ACTIONS[name](scene);
			await checkScene(scene);
			log.push(`${step} ${name} ${result}`);
			options.onStep?.(`${step} ${name} ${result}`);
			const key = `${name} ${result.split(' ')[0] ?? ''}`;
			counts[key] = (counts[key] ?? 0) + 1;
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			const last = log.slice(-10).join('\n');
			throw new Error(`seed ${options.seed}, step ${step}, ${name}: ${reason}\n${last}`, {
				cause: error
			});
		}
	}
	const returnedNano = await closeAll(scene);
	const paidNano = await sum(scene.payees.map((payee) => scene.world.balance(payee)));
	return { counts, paidNano, burntNano: await scene.world.balance(NOBODY), returnedNano };
}

const WEIGHTS: Record<ActionName, number> = {
	redeem: 34,
	redeemAgain: 12,
	redeemFlawed: 14,
	garbage: 6,
	topUp: 8,
	withdraw: 8,
	unlock: 4,
	lock: 2,
	close: 3,
	retire: 3,
	reopen: 6,
	time: 9,
	drain: 4
};

async function openScene({ seed, prices }: FuzzOptions): Promise<Scene> {
	const random = new Random(seed);
	const priceSet = prices ?? random.pick(PRICE_SETS);
	const world = await World.create(priceSet);
	const strangers = [world.stranger, world.payee];
	const scene: Scene = {
		world,
		random,
		fees: { rentNano: 0n, floorNano: 0n, smallestNano: SMALLEST_SEND[priceSet] },
		slackNano: priceSet === 'mainnet' ? 4_300n : 25_700n,
		purses: [],
		payees: ['one', 'two', 'three', 'four'].map(
			(name) => new Address(0, Buffer.from(hashOf(`payee ${name}`)))
		),
		strangers,
		held: [],
		owedNano: new Map(),
		thief: (await identityFrom('thief')).privateKey
	};
	scene.fees.floorNano = priceSet === 'mainnet' ? 2_666_668n : 16_000_000n;
	for (const number of [1, 2, 3]) {
		const owner = await world.chain.treasury(`owner ${number}`);
		const reserveNano = random.nano(toNano('0.08'), toNano('0.5'));
		const contract = world.purse({ owner: owner.address, number, reserveNano });
		const model = new PurseModel(contract, owner, reserveNano);
		scene.purses.push(model);
		await contract.sendTopUp(owner.getSender(), { valueNano: toNano('2') });
		model.exists = true;
		const { freeNano } = await contract.getInfo();
		scene.fees.rentNano = (await world.balance(contract.address)) - reserveNano - freeNano;
	}
	return scene;
}

/** What must hold after every step. */
async function checkScene({ world, purses, payees, owedNano }: Scene): Promise<void> {
	for (const model of purses) {
		const { address } = model.contract;
		const isActive = await world.isActive(address);
		if (isActive !== model.exists) throw new Error(`${address}: active is ${isActive}`);
		if (!isActive) continue;
		const { unlockAt, anchor } = loadPurseData(await world.data(address));
		if (unlockAt !== model.unlockAt) throw new Error(`unlockAt is ${unlockAt}`);
		if (!equalBytes(anchor, model.anchor)) throw new Error('the anchor differs');
	}
	for (const payee of payees) {
		const got = await world.balance(payee);
		const owed = owedNano.get(payee.toString()) ?? 0n;
		if (got > owed) throw new Error(`${payee} got ${got}, owed ${owed}`);
	}
}

/** Two days later everybody unlocks and closes; what comes back has to be all there was. */
async function closeAll({ world, purses }: Scene): Promise<bigint> {
	let returnedNano = 0n;
	world.pass(2 * DAY);
	for (const model of purses) {
		if (!model.exists) continue;
		const { contract, owner } = model;
		await contract.sendUnlock(owner.getSender(), { valueNano: toNano('0.05') });
		world.pass(3_700);
		await contract.sendTopUp(owner.getSender(), { valueNano: toNano('0.05') });
		const [held, before] = [
			await world.balance(contract.address),
			await world.balance(owner.address)
		];
		await contract.sendClose(owner.getSender(), { valueNano: toNano('0.05') });
		if (await world.isActive(contract.address)) throw new Error('a purse did not close');
		const back = (await world.balance(owner.address)) - before;
		if (back < held - toNano('0.02')) throw new Error(`closing: ${back} came back of ${held}`);
		returnedNano += back;
	}
	return returnedNano;
}

async function sum(amounts: Promise<bigint>[]): Promise<bigint> {
	return (await Promise.all(amounts)).reduce((total, amount) => total + amount, 0n);
}
