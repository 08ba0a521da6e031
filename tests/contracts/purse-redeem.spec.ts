import { Address, beginCell, contractAddress, toNano, type Cell } from '@ton/core';
import type { SandboxContract } from '@ton/sandbox';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadPayout } from '../../src/lib/chain/contracts/purse-messages.ts';
import { ORDER_VALUE_NANO, Purse } from '../../src/lib/chain/contracts/purse.ts';
import { PURSE_EXIT_CODES, type PurseRefusal } from '../../src/lib/chain/contracts/refusals.ts';
import { accountOfAddress } from '../../src/lib/chain/contracts/addresses.ts';
import { commitTo, isWinning } from '../../src/lib/chain/draw.ts';
import { makeTicket, signTicket, ticketExpiry, type Winner } from '../../src/lib/chain/ticket.ts';
import { randomBytes, sha256, type Bytes } from '../../src/lib/protocol/bytes.ts';
import { hashOf } from './support/keys.ts';
import { PRICE_SETS } from './support/prices.ts';
import { redemption } from './support/tickets.ts';
import { verdict, World, type Outcome } from './support/world.ts';

const FACE = 20_000_000n;
/** What the network takes for bits that a purse reckons with and most face values do not need. */
const IMPORT_SLACK = 17_000n;

const refused = (kind: PurseRefusal) => `refused ${PURSE_EXIT_CODES[kind]}`;

describe.each(PRICE_SETS)('redeeming at the prices of %s', (prices) => {
	let world: World;
	let purse: SandboxContract<Purse>;

	beforeEach(async () => {
		world = await World.create(prices);
		purse = await world.openPurse(toNano('1'));
	});

	const balance = () => world.balance(purse.address);
	const payeeBalance = () => world.balance(world.payee.address);

	function done(outcome: Outcome) {
		expect(verdict(outcome)).toBe('ok');
		if (outcome.kind !== 'done') throw new Error(outcome.kind);
		return outcome;
	}

	describe('from outside', () => {
		it('takes the face value from the purse, and all costs from the payee', async () => {
			const { body, id } = await redemption(world, purse.address);
			const [before, payee] = [await balance(), await payeeBalance()];
			const { transaction, all } = done(await world.external(purse.address, body));
			const paid = before - (await balance());
			expect(paid).toBeLessThanOrEqual(FACE);
			expect(paid).toBeGreaterThan(FACE - IMPORT_SLACK);
			const cost = paid - ((await payeeBalance()) - payee);
			expect(cost).toBeLessThan(prices === 'mainnet' ? 1_000_000n : 6_000_000n);
			const payout = all.find(({ inMessage }) => inMessage?.info.type === 'internal')?.inMessage;
			expect(payout?.info).toMatchObject({ bounce: false, bounced: false });
			expect(payout && loadPayout(payout.body.beginParse())).toEqual({ ticketId: id });
			expect(transaction.outMessagesCount).toBe(1);
			expect(await purse.getIsRedeemed(id)).toBe(true);
			expect(await purse.getIsRedeemed(randomBytes(32))).toBe(false);
		});

		it('pays a face value at the floor, and leaves something of it', async () => {
			const floor = prices === 'mainnet' ? 2_666_668n : 16_000_000n;
			const payee = await payeeBalance();
			const low = await redemption(world, purse.address, { faceValueNano: floor - 1n });
			expect(verdict(await world.external(purse.address, low.body))).toBe(
				refused('faceValueTooLow')
			);
			const { body } = await redemption(world, purse.address, { faceValueNano: floor });
			done(await world.external(purse.address, body));
			expect((await payeeBalance()) - payee).toBeGreaterThan(floor / 2n);
		});

		it('pays the whole purse down to rent and not a nano further', async () => {
			const account = await world.chain.getContract(purse.address);
			const { freeNano, reserveNano } = await purse.getInfo();
			const rent = (await balance()) - freeNano - reserveNano;
			const { body } = await redemption(world, purse.address);
			account.balance = rent + FACE - IMPORT_SLACK;
			expect(verdict(await world.external(purse.address, body))).toBe(refused('notCovered'));
			account.balance = rent + FACE;
			done(await world.external(purse.address, body));
			expect(await balance()).toBeGreaterThanOrEqual(rent);
		});
	});

	describe('from a wallet', () => {
		it('takes exactly the face value, and the payee gets what the message brought too', async () => {
			const { body, id } = await redemption(world, purse.address);
			const [before, payee] = [await balance(), await payeeBalance()];
			const value = toNano('0.1');
			const { all } = done(
				await world.internal(world.stranger.address, purse.address, value, body)
			);
			expect(before - (await balance())).toBe(FACE);
			const gained = (await payeeBalance()) - payee;
			const fees = prices === 'mainnet' ? 1_000_000n : 6_000_000n;
			expect(gained).toBeGreaterThan(FACE + value - fees);
			expect(gained).toBeLessThan(FACE + value);
			expect(all).toHaveLength(2);
			expect(await purse.getIsRedeemed(id)).toBe(true);
		});

		it('pays even a face value below the floor', async () => {
			const { body } = await redemption(world, purse.address, { faceValueNano: 1n });
			const before = await balance();
			done(await world.internal(world.stranger.address, purse.address, toNano('0.1'), body));
			expect(before - (await balance())).toBe(1n);
		});

		it('changes nothing when the message brings too little gas', async () => {
			const { body, id } = await redemption(world, purse.address);
			const before = await balance();
			for (const value of [1_000n, 200_000n, 400_000n]) {
				const outcome = await world.internal(world.stranger.address, purse.address, value, body);
				expect(outcome.exitCode).not.toBe(0);
			}
			expect(await balance()).toBeGreaterThanOrEqual(before);
			expect(await purse.getIsRedeemed(id)).toBe(false);
			done(await world.external(purse.address, body));
		});

		it('takes nothing back and bounces when what is left cannot be delivered', async () => {
			const { body, id } = await redemption(world, purse.address, { faceValueNano: 0n });
			const before = await balance();
			const send = (value: bigint) =>
				world.internal(world.stranger.address, purse.address, value, body);
			// Enough for the gas of all this, not for the payout's delivery.
			let value = prices === 'mainnet' ? 500_000n : 3_000_000n;
			let outcome = await send(value);
			while (outcome.exitCode !== 0) outcome = await send((value += value / 50n));
			if (outcome.kind !== 'done') throw new Error(outcome.kind);
			expect(outcome.actionCode).not.toBe(0);
			expect(outcome.transaction.description).toMatchObject({ aborted: true });
			expect(await purse.getIsRedeemed(id)).toBe(false);
			expect(await balance()).toBeGreaterThanOrEqual(before);
		});
	});

	describe('pays a payee', () => {
		const code = (hex: string) => beginCell().storeBuffer(Buffer.from(hex, 'hex')).endCell();
		const payTo = async (payee: Address) => {
			const { body } = await redemption(world, purse.address, { payee });
			const before = await world.balance(payee);
			const { all } = done(await world.external(purse.address, body));
			const gained = (await world.balance(payee)) - before;
			expect(gained).toBeGreaterThan(FACE - toNano('0.008'));
			expect(gained).toBeLessThan(FACE);
			return all;
		};

		it('that is not deployed', async () => {
			await payTo(new Address(0, Buffer.from(randomBytes(32))));
		});

		it('that throws', async () => {
			// THROW 37
			const init = { code: code('f225'), data: beginCell().endCell() };
			const thrower = contractAddress(0, init);
			await world.internal(world.owner.address, thrower, toNano('1'), undefined, init);
			const all = await payTo(thrower);
			expect(all.at(-1)?.description).toMatchObject({ aborted: true });
			expect(all).toHaveLength(2);
		});

		it('that is the purse itself, which gets its own money back, less the fees', async () => {
			const { body } = await redemption(world, purse.address, { payee: purse.address });
			const before = await balance();
			done(await world.external(purse.address, body));
			expect(before - (await balance())).toBeGreaterThan(0n);
			expect(before - (await balance())).toBeLessThan(toNano('0.008'));
		});
	});

	it('chains the receipts of all payouts into the anchor', async () => {
		const cellHash = (...parts: Bytes[]) =>
			sha256(new Uint8Array([0, 0x80, ...parts.flatMap((part) => [...part])]));
		let anchor: Bytes = new Uint8Array(32);
		for (const name of ['one', 'two', 'three']) {
			const receipt = hashOf(name);
			const { body } = await redemption(world, purse.address, { receipt });
			done(await world.external(purse.address, body));
			anchor = await cellHash(anchor, receipt);
			expect((await purse.getInfo()).anchor).toEqual(anchor);
		}
	});

	it('agrees with the contributor about who won', async () => {
		const odds = 1n << 63n;
		let won = 0;
		for (let number = 0; number < 40; number++) {
			const { body, id, secret } = await redemption(world, purse.address, { odds });
			const isWinner = await isWinning(secret, id, odds);
			if (isWinner) won++;
			const outcome = await world.external(purse.address, body);
			expect(verdict(outcome)).toBe(isWinner ? 'ok' : refused('losingTicket'));
		}
		expect(won).toBeGreaterThan(8);
		expect(won).toBeLessThan(32);
	});

	it('takes the very tickets that the two pages make, through the wrapper', async () => {
		const winner = await playUntilOneWins(world, purse.address);
		const before = await balance();
		await purse.sendExternalRedeem(winner);
		expect(before - (await balance())).toBeGreaterThan(FACE - IMPORT_SLACK);
		expect(await purse.getIsRedeemed(winner.id)).toBe(true);
		await purse.sendRedeem(world.stranger.getSender(), {
			valueNano: ORDER_VALUE_NANO,
			winner: await playUntilOneWins(world, purse.address)
		});
		expect(before - (await balance())).toBeGreaterThan(2n * (FACE - IMPORT_SLACK));
		const body: Cell = Purse.redeemBody(winner);
		expect(verdict(await world.external(purse.address, body))).toBe(refused('alreadyRedeemed'));
	});
});

/** Tickets of a twentieth each, as many as it takes. */
async function playUntilOneWins(world: World, purse: Address): Promise<Winner> {
	const terms = {
		network: world.network,
		purse: accountOfAddress(purse),
		payee: accountOfAddress(world.payee.address),
		faceValueNano: FACE,
		expires: ticketExpiry(world.now * 1000)
	};
	for (;;) {
		const secret = randomBytes(32);
		const due = {
			priceNano: FACE / 20n,
			commit: await commitTo(secret),
			receipt: randomBytes(32)
		};
		const signed = await signTicket(world.session.privateKey, makeTicket(terms, due));
		if (await isWinning(secret, signed.id, signed.ticket.odds)) return { ...signed, secret };
	}
}
