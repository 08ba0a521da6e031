import { beginCell, toNano, type Cell } from '@ton/core';
import { ticketExpiry } from '../../../src/lib/chain/ticket.ts';
import { MAINNET_ID } from '../support/prices.ts';
import { redemption, SURE, type RedemptionParts } from '../support/tickets.ts';
import { hashOf } from '../support/keys.ts';
import { DAY, verdict } from '../support/world.ts';
import { exitCode, type Attempt, type PurseModel } from './purse-model.ts';
import type { Held, Scene } from './run.ts';

/** A winner as two honest pages make it, redeemed at once by one of the two ways. */
export async function redeemNew(
	scene: Scene,
	model: PurseModel,
	parts: Partial<RedemptionParts> = {}
): Promise<string> {
	return attempt(scene, model, await make(scene, model, null, parts));
}

/** Some ticket of the past, at some purse: a replay, a late one, or one for another purse. */
export async function redeemHeld(scene: Scene, model: PurseModel): Promise<string> {
	const { held, random } = scene;
	const own = held.filter(({ purse }) => purse.equals(model.contract.address));
	const from = random.chance(0.8) ? own.slice(-20) : held;
	return from.length === 0 ? 'none held' : attempt(scene, model, random.pick(from));
}

const FLAWS = ['wrongNetwork', 'losingTicket', 'wrongSecret', 'wrongSignature'] as const;

export async function redeemFlawed(scene: Scene, model: PurseModel): Promise<string> {
	const { random } = scene;
	if (random.chance(0.25)) return flipBit(scene, model);
	return attempt(scene, model, await make(scene, model, random.pick(FLAWS)));
}

async function make(
	scene: Scene,
	model: PurseModel,
	flaw: Attempt['flaw'],
	parts: Partial<RedemptionParts> = {}
): Promise<Held> {
	const { world, random, payees } = scene;
	const purse = model.contract.address;
	const most = model.reserveNano / 4n;
	const chosen = {
		payee: random.pick(payees),
		faceValueNano: random.chance(0.9) ? random.nano(1n, most) : most + random.nano(0n, most),
		expires: expiry(scene),
		odds: flaw === 'losingTicket' ? random.nano(0n, 1_000n) : SURE,
		...parts
	};
	const made = await redemption(world, purse, {
		...chosen,
		...(flaw === 'wrongNetwork' && { network: MAINNET_ID }),
		...(flaw === 'wrongSecret' && { commit: hashOf('of nothing') }),
		...(flaw === 'wrongSignature' && { signer: scene.thief })
	});
	const { payee, faceValueNano, expires } = chosen;
	const { id, receipt } = made;
	const held = { id, receipt, purse, payee, faceValueNano, expires, flaw, redemption: made };
	scene.held.push(held);
	return held;
}

function expiry({ world, random }: Scene): number {
	const tomorrow = ticketExpiry(world.now * 1000);
	const others = [tomorrow - DAY, world.now, world.now - 1, tomorrow + 1, tomorrow + 3 * DAY];
	return random.chance(0.75) ? tomorrow : random.pick(others);
}

/** Redeems by one of the two ways and checks verdict and money against the model. */
async function attempt(scene: Scene, model: PurseModel, held: Held): Promise<string> {
	const { world, random, fees } = scene;
	const { address } = model.contract;
	const { body } = held.redemption;
	const isExternal = random.chance(0.6);
	const value = isExternal ? 0n : random.nano(toNano('0.05'), toNano('0.2'));
	const [before, payee] = [await world.balance(address), await world.balance(held.payee)];
	const data = (await world.data(address)).hash();
	const expected = model.refusalOf(held, world.now, before, fees, isExternal);
	const outcome = isExternal
		? await world.external(address, body)
		: await world.internal(random.pick(scene.strangers).address, address, value, body);
	const after = await world.balance(address);
	const found = verdict(outcome);
	if (expected !== null) {
		const wanted = `${isExternal ? 'refused' : 'failed'} ${exitCode(expected)}`;
		// So near to the end of its money, the slack in what a purse reckons for the import decides.
		const isClose = before + scene.slackNano >= fees.rentNano + held.faceValueNano;
		if (found !== wanted && !(expected === 'notCovered' && isExternal && isClose)) {
			throw new Error(`expected ${wanted}, found ${found}`);
		}
		if (found === wanted) {
			if (after !== before) throw new Error(`a refusal cost ${before - after}`);
			if (!(await world.data(address)).hash().equals(data)) throw new Error('it changed');
			return expected;
		}
	} else if (found !== 'ok') throw new Error(`expected ok, found ${found}`);
	const afterNano = expected === null ? model.afterPayout(held, before, fees) : fees.rentNano;
	const extra = after - afterNano;
	if (extra < 0n || extra > (isExternal ? 2n * scene.slackNano : 0n)) {
		throw new Error(`expected ${afterNano} left, found ${after}`);
	}
	await model.record(held, world.now);
	const key = held.payee.toString();
	scene.owedNano.set(key, (scene.owedNano.get(key) ?? 0n) + held.faceValueNano + value);
	const gained = (await world.balance(held.payee)) - payee;
	if (gained <= 0n || gained > held.faceValueNano + value) throw new Error(`gained ${gained}`);
	if (!(await model.contract.getIsRedeemed(held.id))) throw new Error('not remembered');
	return 'ok';
}

/** One bit of a good redemption changed: nothing may come of it. */
async function flipBit(scene: Scene, model: PurseModel): Promise<string> {
	const { world, random } = scene;
	const { address } = model.contract;
	const { redemption: good } = await make(scene, model, null, {
		faceValueNano: scene.fees.floorNano,
		expires: ticketExpiry(world.now * 1000)
	});
	const { body, ticket } = good;
	const inTicket = random.chance(0.5);
	const flipped = inTicket
		? beginCell()
				.storeBits(body.bits)
				.storeRef(flip(ticket, random.below(ticket.bits.length)))
		: beginCell().storeSlice(flip(body, random.below(body.bits.length)).beginParse());
	const before = await world.balance(address);
	const found = verdict(await world.external(address, flipped.endCell()));
	if (!found.startsWith('refused')) throw new Error(`a flipped bit: ${found}`);
	if ((await world.balance(address)) !== before) throw new Error('a flipped bit cost something');
	return `flipped: ${found}`;
}

function flip(cell: Cell, at: number): Cell {
	const builder = beginCell();
	for (let bit = 0; bit < cell.bits.length; bit++) {
		builder.storeBit(cell.bits.at(bit) !== (bit === at));
	}
	for (const reference of cell.refs) builder.storeRef(reference);
	return builder.endCell();
}
