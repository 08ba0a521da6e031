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

	async function measure(ticket: Redemption, data: Partial<PurseData>) {
		await world.setPurseData(purse.address, { day: today(), ...data });
		const before = await world.balance(purse.address);
		const payee = await world.balance(world.payee.address);
		const { outcome, beforeAccept } = await measureExternal(world, purse.address, ticket.body);
		expect(verdict(outcome)).toBe('ok');
		const paid = before - (await world.balance(purse.address));
		const costNano = paid - ((await world.balance(world.payee.address)) - payee);
		return { beforeAccept, costNano };
	}

	/** The aims in nano at mainnet's prices; the old ones are six times as high. */
	const aim = (nano: bigint) => (prices === 'mainnet' ? nano : nano * 6n);

	it('is decided within 6,000 gas when the sets are empty', async () => {
		for (const day of [0, today() - 3, today() - 1, today()]) {
			const { beforeAccept, costNano } = await measure(await winner(), {
				day,
				today: null,
				tomorrow: null
			});
			expect(beforeAccept).toBeLessThanOrEqual(6_000);
			expect(costNano).toBeLessThanOrEqual(aim(1_000_000n));
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
			await measure(forTomorrow, { tomorrow: around(forTomorrow) }),
			await measure(forToday, { today: around(forToday) }),
			await measure(rolled, { day: today() - 1, tomorrow: around(rolled) })
		];
		for (const { beforeAccept } of measured) {
			expect(beforeAccept).toBeGreaterThan(8_000);
			expect(beforeAccept).toBeLessThanOrEqual(9_000);
		}
	});

	it('costs what it may after 100 and after 5,000 redemptions that day', async () => {
		const after = async (count: number) => {
			const sets = { tomorrow: idSet(someIds(count)), paidToday: count };
			const tries = 3;
			let sumNano = 0n;
			for (let number = 0; number < tries; number++) {
				sumNano += (await measure(await winner(), sets)).costNano;
			}
			return sumNano / BigInt(tries);
		};
		const [few, many] = [await after(100), await after(5_000)];
		expect(few).toBeLessThanOrEqual(aim(1_300_000n));
		expect(many).toBeLessThanOrEqual(aim(1_600_000n));
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
