import { beginCell, toNano, type Address, type Cell } from '@ton/core';
import { toBody } from '../../../src/lib/chain/contracts/message-parts.ts';
import {
	PURSE_OPCODES,
	storePlain,
	storeWithdraw
} from '../../../src/lib/chain/contracts/purse-messages.ts';
import type { PurseRefusal } from '../../../src/lib/chain/contracts/refusals.ts';
import { ticketExpiry } from '../../../src/lib/chain/ticket.ts';
import { DAY, verdict } from '../support/world.ts';
import { exitCode, type PurseModel } from './purse-model.ts';
import { redeemFlawed, redeemHeld, redeemNew } from './redeem-actions.ts';
import type { Scene } from './run.ts';

/** Does one random thing, checks it against the model, and says in a line what it did. */
export type Action = (scene: Scene) => Promise<string>;

const TOP_UPS = [
	undefined,
	beginCell().endCell(),
	beginCell().storeUint(0, 32).storeStringTail('for the road').endCell(),
	toBody(storePlain('topUp', 7n))
];

const topUp: Action = async (scene) => {
	const { world, random } = scene;
	const model = pickExisting(scene);
	if (!model) return 'nobody';
	const before = await world.balance(model.contract.address);
	const value = random.nano(toNano('0.01'), toNano('0.6'));
	const from = random.pick([...scene.strangers, model.owner]).address;
	const body = random.pick(TOP_UPS);
	const outcome = await world.internal(from, model.contract.address, value, body);
	expectVerdict(verdict(outcome), 'ok');
	const gained = (await world.balance(model.contract.address)) - before;
	if (gained > value || gained < value - toNano('0.001')) throw new Error(`gained ${gained}`);
	return `ok ${value}`;
};

/** Sends an order as its owner, now and then as a stranger, and checks what comes of it. */
async function order(
	scene: Scene,
	model: PurseModel,
	body: Cell,
	refusal: PurseRefusal | null
): Promise<{ line: string; isDone: boolean; before: bigint; after: bigint }> {
	const { world, random } = scene;
	const { address } = model.contract;
	const isOwner = random.chance(0.85);
	const from = isOwner ? model.owner : random.pick(scene.strangers);
	const expected = isOwner ? refusal : 'notOwner';
	const before = await world.balance(address);
	const outcome = await world.internal(from.address, address, toNano('0.1'), body);
	const after = await world.balance(address);
	expectVerdict(verdict(outcome), expected ? `failed ${exitCode(expected)}` : 'ok');
	if (expected && after !== before) throw new Error(`a refused order cost ${before - after}`);
	return { line: expected ?? 'ok', isDone: expected === null, before, after };
}

const withdraw: Action = async (scene) => {
	const { world, random, fees } = scene;
	const model = pickExisting(scene);
	if (!model) return 'nobody';
	const balance = await world.balance(model.contract.address);
	const most = model.withdrawable(world.now, balance, fees);
	const wanted = random.pick([0n, most, most + 1n, most / 3n, toNano('0.05')]);
	const amountNano = wanted < 0n ? 1n : wanted;
	const paid = amountNano === 0n ? most : amountNano;
	const refusal = paid <= 0n || paid > most ? 'notEnoughFree' : null;
	const body = toBody(storeWithdraw({ queryId: 1n, amountNano }));
	const { line, isDone, before, after } = await order(scene, model, body, refusal);
	if (isDone && before - after !== paid) throw new Error(`took ${before - after} for ${paid}`);
	return `${line} ${paid}`;
};

const unlock: Action = async (scene) => {
	const model = pickExisting(scene);
	if (!model) return 'nobody';
	const { line, isDone } = await order(scene, model, toBody(storePlain('unlock', 1n)), null);
	if (isDone) model.unlock(scene.world.now);
	return line;
};

const lock: Action = async (scene) => {
	const model = pickExisting(scene);
	if (!model) return 'nobody';
	const { line, isDone } = await order(scene, model, toBody(storePlain('lock', 1n)), null);
	if (isDone) model.unlockAt = 0;
	return line;
};

const close: Action = async (scene) => {
	const model = pickExisting(scene);
	if (!model) return 'nobody';
	const refusal = model.closeRefusal(scene.world.now);
	const ownerBefore = await scene.world.balance(model.owner.address);
	const body = toBody(storePlain('close', 1n));
	const { line, isDone, before } = await order(scene, model, body, refusal);
	if (isDone) {
		model.forget();
		const back = (await scene.world.balance(model.owner.address)) - ownerBefore;
		if (back < before) throw new Error(`closing: ${back} came back of ${before}`);
	}
	return line;
};

const reopen: Action = async (scene) => {
	const model = scene.purses.find(({ exists }) => !exists);
	if (!model) return 'none closed';
	const from = scene.random.chance(0.7) ? model.owner : scene.random.pick(scene.strangers);
	const valueNano = scene.random.nano(toNano('0.3'), toNano('2'));
	await model.contract.sendTopUp(from.getSender(), { valueNano });
	model.exists = true;
	return `ok ${valueNano}`;
};

const time: Action = async (scene) => {
	const { random } = scene;
	const seconds = random.pick([1, 60, 1_800, 3_600, DAY / 4, DAY, 2 * DAY]) + random.below(60);
	await pass(scene, seconds);
	return `ok ${seconds} s`;
};

async function pass({ world, random, purses, strangers }: Scene, seconds: number): Promise<void> {
	world.pass(seconds);
	// Storage is paid with the next message: let it be one that the model need not reckon with.
	for (const { exists, contract } of purses) {
		if (!exists) continue;
		await world.internal(random.pick(strangers).address, contract.address, toNano('0.01'));
	}
}

/** Unlocks, lets the two days pass, and closes. */
const retire: Action = async (scene) => {
	await unlock(scene);
	await pass(scene, 2 * DAY + 3_600);
	return close(scene);
};

const garbage: Action = async (scene) => {
	const { world, random } = scene;
	const model = pickExisting(scene);
	if (!model) return 'nobody';
	const { address } = model.contract;
	const data = (await world.data(address)).hash().toString('hex');
	const before = await world.balance(address);
	const body = randomBody(scene);
	const outcome = random.chance(0.5)
		? await world.external(address, body)
		: await world.internal(random.pick(scene.strangers).address, address, toNano('0.1'), body);
	if (verdict(outcome) === 'ok') throw new Error(`took ${body}`);
	if ((await world.balance(address)) !== before) throw new Error('garbage cost something');
	if ((await world.data(address)).hash().toString('hex') !== data) throw new Error('it changed');
	return verdict(outcome);
};

/** No top-up, and from a stranger. */
function randomBody({ random }: Scene): Cell {
	const known = Object.values(PURSE_OPCODES).filter((code) => code !== PURSE_OPCODES.topUp);
	const builder = beginCell().storeUint(random.pick([...known, 0xdead_beef]), 32);
	const bytes = random.below(90);
	for (let index = 0; index < bytes; index++) builder.storeUint(random.below(256), 8);
	if (random.chance(0.5)) builder.storeRef(beginCell().storeUint(random.below(1e9), 32));
	return builder.endCell();
}

/** The owner's own winner to itself, over and over: the free money first, then the reserve. */
const drain: Action = async (scene) => {
	const model = pickExisting(scene);
	if (!model) return 'nobody';
	const payee: Address = scene.random.pick(scene.payees);
	const faceValueNano = model.reserveNano / 4n;
	const expires = ticketExpiry(scene.world.now * 1000);
	const lines: string[] = [];
	for (let times = 0; times < 6; times++) {
		lines.push(await redeemNew(scene, model, { payee, faceValueNano, expires }));
	}
	return lines.join(' ');
};

function pickExisting({ random, purses }: Scene): PurseModel | null {
	const existing = purses.filter(({ exists }) => exists);
	return existing.length > 0 ? random.pick(existing) : null;
}

function expectVerdict(found: string, expected: string): void {
	if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
}

const withPurse =
	(run: (scene: Scene, model: PurseModel) => Promise<string>): Action =>
	async (scene) => {
		const model = pickExisting(scene);
		return model ? run(scene, model) : 'nobody';
	};

export const ACTIONS = {
	redeem: withPurse((scene, model) => redeemNew(scene, model)),
	redeemAgain: withPurse(redeemHeld),
	redeemFlawed: withPurse(redeemFlawed),
	garbage,
	topUp,
	withdraw,
	unlock,
	lock,
	close,
	retire,
	reopen,
	time,
	drain
};
export type ActionName = keyof typeof ACTIONS;
