import { toNano } from '@ton/core';
import type { SandboxContract } from '@ton/sandbox';
import { beforeEach, describe, expect, it } from 'vitest';
import { PURSE_CODE } from '../../src/lib/chain/contracts/code.ts';
import type { PurseData } from '../../src/lib/chain/contracts/purse-data.ts';
import type { Purse } from '../../src/lib/chain/contracts/purse.ts';
import { measureExternal } from './support/gas.ts';
import { idsAround, idSet, sizeOf, someIds } from './support/ids.ts';
import { PRICE_SETS } from './support/prices.ts';
import { redemption, type Redemption } from './support/tickets.ts';
import { DAY, verdict, World } from './support/world.ts';

/** The network's limit for one account (config param 43 where it is set, else this). */
const MAX_ACCOUNT_CELLS = 65_536;

describe.each(PRICE_SETS)('a redemption at the prices of %s', (prices) => {
	let world: World;
	let purse: SandboxContract<Purse>;

	beforeEach(async () => {
		world = await World.create(prices);
		purse = await world.openPurse(toNano('1'));
	});

	const today = () => Math.floor(world.now / DAY);
	const winner = (expires = (today() + 2) * DAY - 1) =>
		redemption(world, purse.address, { expires });

	async function gasBeforeAccept(ticket: Redemption, data: Partial<PurseData>): Promise<number> {
		await world.setPurseData(purse.address, { day: today(), ...data });
		const { outcome, beforeAccept } = await measureExternal(world, purse.address, ticket.body);
		expect(verdict(outcome)).toBe('ok');
		return beforeAccept;
	}

	it('is decided within 6,000 gas when the sets are empty', async () => {
		for (const day of [0, today() - 3, today() - 1, today()]) {
			const empty = { day, today: null, tomorrow: null };
			expect(await gasBeforeAccept(await winner(), empty)).toBeLessThanOrEqual(6_000);
		}
	});

	it('is decided within 9,000 gas among ids ground to collide 40 levels deep', async () => {
		const [forTomorrow, forToday, rolled] = [
			await winner(),
			await winner((today() + 1) * DAY - 1),
			await winner((today() + 1) * DAY - 1)
		];
		const around = (ticket: Redemption) => idSet(idsAround(ticket.id, 40));
		const measured = [
			await gasBeforeAccept(forTomorrow, { tomorrow: around(forTomorrow) }),
			await gasBeforeAccept(forToday, { today: around(forToday) }),
			await gasBeforeAccept(rolled, { day: today() - 1, tomorrow: around(rolled) })
		];
		for (const beforeAccept of measured) {
			expect(beforeAccept).toBeGreaterThan(8_000);
			expect(beforeAccept).toBeLessThanOrEqual(9_000);
		}
	});

	it('leaves the payee something even of the smallest face value 40 levels deep', async () => {
		const faceValueNano = prices === 'mainnet' ? 2_666_668n : 16_000_000n;
		const { id, body } = await redemption(world, purse.address, { faceValueNano });
		const tomorrow = idSet(idsAround(id, 40));
		await world.setPurseData(purse.address, { day: today(), tomorrow });
		const before = await world.balance(purse.address);
		const payee = await world.balance(world.payee.address);
		expect(verdict(await world.external(purse.address, body))).toBe('ok');
		expect(await world.balance(world.payee.address)).toBeGreaterThan(payee);
		expect(before - (await world.balance(purse.address))).toBeLessThanOrEqual(faceValueNano);
	});

	it('is refused and costs nothing where a set is too deep to look into', async () => {
		const { id, body } = await redemption(world, purse.address);
		const tomorrow = idSet(idsAround(id, 60));
		await world.setPurseData(purse.address, { day: today(), tomorrow });
		const before = await world.balance(purse.address);
		expect(verdict(await world.external(purse.address, body))).toBe('refused -14');
		expect(await world.balance(purse.address)).toBe(before);
		const from = world.stranger.address;
		const outcome = await world.internal(from, purse.address, toNano('0.1'), body);
		expect(verdict(outcome)).toBe('ok');
	});
});

describe('the size of a purse', () => {
	it('stays under the network’s limit with as many ids as it takes', async () => {
		const world = await World.create();
		const purse = await world.openPurse(toNano('1'));
		const day = Math.floor(world.now / DAY);
		const sets = {
			day,
			paidToday: 14_999,
			today: idSet(someIds(15_000, 'today')),
			tomorrow: idSet(someIds(14_999, 'tomorrow'))
		};
		await world.setPurseData(purse.address, sets);
		const { body } = await redemption(world, purse.address);
		const { outcome } = await measureExternal(world, purse.address, body);
		expect(verdict(outcome)).toBe('ok');
		const cells = sizeOf(await world.data(purse.address)).cells + sizeOf(PURSE_CODE).cells;
		expect(cells).toBeGreaterThan(59_000);
		expect(cells).toBeLessThan(MAX_ACCOUNT_CELLS);
	}, 120_000);
});
