import { toNano } from '@ton/core';
import type { SandboxContract } from '@ton/sandbox';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadPurseData } from '../../src/lib/chain/contracts/purse-data.ts';
import type { Purse } from '../../src/lib/chain/contracts/purse.ts';
import { PURSE_EXIT_CODES, type PurseRefusal } from '../../src/lib/chain/contracts/refusals.ts';
import { PRICE_SETS } from './support/prices.ts';
import { redemption, type Redemption } from './support/tickets.ts';
import { DAY, verdict, World } from './support/world.ts';

const refused = (kind: PurseRefusal) => `refused ${PURSE_EXIT_CODES[kind]}`;

describe.each(PRICE_SETS)('days at the prices of %s', (prices) => {
	let world: World;
	let purse: SandboxContract<Purse>;

	beforeEach(async () => {
		world = await World.create(prices);
		purse = await world.openPurse(toNano('1'));
	});

	const midnight = (days: number) => (Math.floor(world.now / DAY) + days) * DAY;
	const passTo = (time: number) => world.pass(time - world.now);
	const redeem = async ({ body }: Redemption) => verdict(await world.external(purse.address, body));
	const ticketUntil = (expires: number) => redemption(world, purse.address, { expires });
	const state = async () => loadPurseData(await world.data(purse.address));

	it('a ticket is valid up to and in the second that it names', async () => {
		const tickets = [await ticketUntil(world.now), await ticketUntil(world.now)];
		const [first, second] = tickets as [Redemption, Redemption];
		expect(await redeem(first)).toBe('ok');
		world.pass(1);
		expect(await redeem(second)).toBe(refused('expired'));
	});

	it('a ticket may expire in the last second of tomorrow and not later', async () => {
		expect(await redeem(await ticketUntil(midnight(2)))).toBe(refused('expiresTooLate'));
		expect(await redeem(await ticketUntil(midnight(2) - 1))).toBe('ok');
	});

	it('ids go to the set of their day, and none is paid twice before it expires', async () => {
		const forToday = await ticketUntil(midnight(1) - 1);
		const forTomorrow = await ticketUntil(midnight(2) - 1);
		const [lastSecond, noon] = [midnight(1) - 1, midnight(1) + DAY / 2];
		expect(await redeem(forToday)).toBe('ok');
		expect(await redeem(forTomorrow)).toBe('ok');
		expect(await state()).toMatchObject({ day: Math.floor(world.now / DAY), paidToday: 2 });
		passTo(lastSecond);
		expect(await redeem(forToday)).toBe(refused('alreadyRedeemed'));
		expect(await redeem(forTomorrow)).toBe(refused('alreadyRedeemed'));
		passTo(lastSecond + 1);
		expect(await redeem(forToday)).toBe(refused('expired'));
		expect(await redeem(forTomorrow)).toBe(refused('alreadyRedeemed'));
		passTo(noon);
		expect(await redeem(forTomorrow)).toBe(refused('alreadyRedeemed'));
		passTo(lastSecond + DAY);
		expect(await redeem(forTomorrow)).toBe(refused('alreadyRedeemed'));
		passTo(lastSecond + DAY + 1);
		expect(await redeem(forTomorrow)).toBe(refused('expired'));
	});

	it('at midnight tomorrow’s set becomes today’s, and today’s is dropped whole', async () => {
		const old = await ticketUntil(midnight(1) - 1);
		const kept = await ticketUntil(midnight(2) - 1);
		await redeem(old);
		await redeem(kept);
		passTo(midnight(1));
		const next = await ticketUntil(midnight(2) - 1);
		expect(await redeem(next)).toBe('ok');
		const isRedeemed = await Promise.all(
			[old, kept, next].map(({ id }) => purse.getIsRedeemed(id))
		);
		expect(isRedeemed).toEqual([false, true, true]);
		expect(await state()).toMatchObject({ paidToday: 1 });
		expect(await redeem(kept)).toBe(refused('alreadyRedeemed'));
		expect(await redeem(next)).toBe(refused('alreadyRedeemed'));
	});

	it('a day without a redemption drops both sets', async () => {
		const old = [await ticketUntil(midnight(1) - 1), await ticketUntil(midnight(2) - 1)];
		for (const ticket of old) await redeem(ticket);
		passTo(midnight(2) + 5);
		const next = await ticketUntil(midnight(1) - 1);
		expect(await redeem(next)).toBe('ok');
		for (const { id } of old) expect(await purse.getIsRedeemed(id)).toBe(false);
		for (const ticket of old) expect(await redeem(ticket)).toBe(refused('expired'));
		expect(await redeem(next)).toBe(refused('alreadyRedeemed'));
		expect(await state()).toMatchObject({ paidToday: 1, tomorrow: null });
	});

	it('two deliveries at midnight’s two sides pay once', async () => {
		const ticket = await ticketUntil(midnight(2) - 1);
		passTo(midnight(1) - 1);
		expect(await redeem(ticket)).toBe('ok');
		passTo(midnight(1));
		expect(await redeem(ticket)).toBe(refused('alreadyRedeemed'));
		const balance = await world.balance(purse.address);
		expect(await redeem(ticket)).toBe(refused('alreadyRedeemed'));
		expect(await world.balance(purse.address)).toBe(balance);
	});

	it('the limit of payouts is per day, and the next day pays again', async () => {
		await world.setPurseData(purse.address, {
			day: Math.floor(world.now / DAY),
			paidToday: 14_999
		});
		const tickets = [
			await ticketUntil(midnight(2) - 1),
			await ticketUntil(midnight(2) - 1)
		] as const;
		expect(await redeem(tickets[0])).toBe('ok');
		expect(await redeem(tickets[1])).toBe(refused('tooManyPaid'));
		passTo(midnight(1));
		expect(await redeem(tickets[1])).toBe('ok');
		expect(await state()).toMatchObject({ paidToday: 1 });
	});
});
