import { Address, toNano } from '@ton/core';
import type { SandboxContract } from '@ton/sandbox';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Purse } from '../../src/lib/chain/contracts/purse.ts';
import { PURSE_EXIT_CODES } from '../../src/lib/chain/contracts/refusals.ts';
import { expectedPayout } from './support/payout-model.ts';
import { IMPORT_SLACK, PRICE_SETS, SMALLEST_SEND } from './support/prices.ts';
import { redemption } from './support/tickets.ts';
import { verdict, World } from './support/world.ts';

const NOBODY = new Address(0, Buffer.alloc(32));
const FACE = 20_000_000n;
const RESERVE = 80_000_000n;
const notCovered = `refused ${PURSE_EXIT_CODES.notCovered}`;

describe.each(PRICE_SETS)('the reserve at the prices of %s', (prices) => {
	const [slack, smallest] = [IMPORT_SLACK[prices], SMALLEST_SEND[prices]];
	let world: World;
	let purse: SandboxContract<Purse>;
	let rent: bigint;

	beforeEach(async () => {
		world = await World.create(prices);
		purse = await world.openPurse(toNano('1'));
		const { freeNano, reserveNano } = await purse.getInfo();
		rent = (await balance()) - freeNano - reserveNano;
	});

	const balance = () => world.balance(purse.address);
	const burnt = () => world.balance(NOBODY);
	const gains = (of: { address: Address }) => world.balance(of.address);

	async function setFree(freeNano: bigint): Promise<void> {
		const account = await world.chain.getContract(purse.address);
		account.balance = rent + RESERVE + freeNano;
	}

	async function redeemTo(payee: Address, faceValueNano = FACE): Promise<string> {
		const parts = { payee, faceValueNano };
		const { body } = await redemption(world, purse.address, parts);
		return verdict(await world.external(purse.address, body));
	}

	it('is not touched, and nothing burnt, while free money pays', async () => {
		await setFree(3n * FACE);
		for (let payouts = 0; payouts < 3; payouts++) {
			expect(await redeemTo(world.payee.address)).toBe('ok');
		}
		expect(await burnt()).toBe(0n);
		expect((await purse.getInfo()).freeNano).toBeGreaterThanOrEqual(0n);
	});

	it('burns what a payout takes out of it once more', async () => {
		await setFree(0n);
		const before = await balance();
		expect(await redeemTo(world.payee.address)).toBe('ok');
		const lost = before - (await balance());
		expect(lost).toBeGreaterThan(2n * FACE - 2n * slack);
		expect(lost).toBeLessThanOrEqual(2n * FACE);
		// The burn's own delivery comes out of it.
		expect(await burnt()).toBeGreaterThan(FACE - 2n * slack - 2n * smallest);
		expect(await burnt()).toBeLessThan(FACE);
		expect((await purse.getInfo()).freeNano).toBe(-lost);
	});

	it('pays two winners with nothing free, and then no more', async () => {
		await setFree(0n);
		const payee = await gains(world.payee);
		expect(await redeemTo(world.payee.address)).toBe('ok');
		expect(await redeemTo(world.payee.address)).toBe('ok');
		expect((await gains(world.payee)) - payee).toBeGreaterThan(2n * (FACE - 7_000_000n));
		expect(await redeemTo(world.payee.address)).toBe(notCovered);
		expect(await balance()).toBeGreaterThanOrEqual(rent);
		expect(await balance()).toBeLessThan(rent + 10n * slack);
	});

	it('makes it dearer to drain a purse before a winner than to pay it', async () => {
		await setFree(3n * FACE);
		const drainer = world.stranger;
		const start = (await gains(drainer)) + (await balance()) - rent;
		const victim = await redemption(world, purse.address);
		// Down to less than a face value, with as little as possible in the last step.
		for (let payouts = 0; payouts < 4; payouts++) await redeemTo(drainer.address);
		await redeemTo(drainer.address, (FACE * 9n) / 10n);
		expect(verdict(await world.external(purse.address, victim.body))).toBe(notCovered);
		const end = (await gains(drainer)) + (await balance()) - rent;
		expect(start - end).toBeGreaterThan(FACE);
	});

	it('burns from a wallet’s redemption too', async () => {
		await setFree(0n);
		const before = await balance();
		const { body } = await redemption(world, purse.address);
		const from = world.stranger.address;
		const outcome = await world.internal(from, purse.address, toNano('0.1'), body);
		expect(verdict(outcome)).toBe('ok');
		expect(before - (await balance())).toBe(2n * FACE);
		expect(await burnt()).toBeGreaterThan(FACE - 2n * smallest);
	});

	it('follows the rule at every balance and face value, to the nano', async () => {
		const money = fc.record({
			free: fc.bigInt({ min: -RESERVE, max: 50_000_000n }),
			face: fc.bigInt({ min: 1n, max: RESERVE / 4n }),
			isExternal: fc.boolean()
		});
		await fc.assert(
			fc.asyncProperty(money, async ({ free, face, isExternal }) => {
				const faceValueNano = isExternal ? face / 5n + 16_000_000n : face;
				await setFree(free);
				const balanceNano = await balance();
				const { body } = await redemption(world, purse.address, { faceValueNano });
				const expected = expectedPayout(
					{ balanceNano, rentNano: rent, reserveNano: RESERVE },
					faceValueNano,
					smallest
				);
				const from = world.stranger.address;
				const outcome = isExternal
					? await world.external(purse.address, body)
					: await world.internal(from, purse.address, toNano('0.1'), body);
				const after = await balance();
				if (verdict(outcome) === 'ok') {
					// An external import may turn out cheaper than the purse reckoned.
					const afterNano = expected?.afterNano ?? rent;
					expect(after).toBeGreaterThanOrEqual(afterNano);
					expect(after - afterNano).toBeLessThanOrEqual(isExternal ? 3n * slack : 0n);
				} else {
					expect(outcome.exitCode).toBe(PURSE_EXIT_CODES.notCovered);
					expect(expected).toBeNull();
					expect(after).toBe(balanceNano);
				}
			}),
			{ numRuns: 60 }
		);
	});
});
