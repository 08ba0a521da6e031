import { beginCell, toNano, type Cell } from '@ton/core';
import type { SandboxContract } from '@ton/sandbox';
import { beforeEach, describe, expect, it } from 'vitest';
import { toBody } from '../../src/lib/chain/contracts/message-parts.ts';
import { ORDER_VALUE_NANO, type Purse } from '../../src/lib/chain/contracts/purse.ts';
import {
	loadPlain,
	PURSE_OPCODES,
	storePlain,
	storeWithdraw
} from '../../src/lib/chain/contracts/purse-messages.ts';
import { PURSE_EXIT_CODES } from '../../src/lib/chain/contracts/refusals.ts';
import { PRICE_SETS } from './support/prices.ts';
import { redemption } from './support/tickets.ts';
import { DAY, verdict, World, type Outcome } from './support/world.ts';

const HOUR = 3600;
/** Gas and delivery of one message at the dearer prices; the rest of what it brings comes back. */
const FEES = toNano('0.02');

describe.each(PRICE_SETS)('a purse at the prices of %s', (prices) => {
	let world: World;
	let purse: SandboxContract<Purse>;

	beforeEach(async () => {
		world = await World.create(prices);
		purse = await world.openPurse(toNano('1'));
	});

	const balance = () => world.balance(purse.address);
	const free = async () => (await purse.getInfo()).freeNano;
	const send = (body: Cell | undefined, from = world.owner, value = toNano('0.1')) =>
		world.internal(from.address, purse.address, value, body);
	const plain = (kind: 'topUp' | 'unlock' | 'lock' | 'close', from = world.owner) =>
		send(toBody(storePlain(kind, 1n)), from);
	const withdraw = (amountNano: bigint, from = world.owner) =>
		send(toBody(storeWithdraw({ queryId: 5n, amountNano })), from);
	const code = (outcome: Outcome) => outcome.exitCode;
	const redeem = async (parts = {}) =>
		world.external(purse.address, (await redemption(world, purse.address, parts)).body);

	describe('opened', () => {
		it('holds rent, reserve and free money, and says so', async () => {
			const info = await purse.getInfo();
			expect(info).toMatchObject({ reserveNano: 80_000_000n, unlockAt: 0 });
			expect(info.owner.equals(world.owner.address)).toBe(true);
			expect(info.sessionKey).toEqual(world.session.publicKey);
			expect(info.anchor).toEqual(new Uint8Array(32));
			const rent = (await balance()) - info.reserveNano - info.freeNano;
			// A year of 32 cells and 12,000 bits, in 2^-16 nano a second.
			const perSecond = prices === 'mainnet' ? 32n * 135n : 32n * 500n + 12_000n;
			expect(rent).toBe((perSecond * 31_536_000n + 0xffffn) >> 16n);
			expect(await purse.getVersion()).toBe(1);
		});
	});

	describe('takes money', () => {
		it.each([
			['without a body', undefined],
			['with an empty body', beginCell().endCell()],
			['with a comment', beginCell().storeUint(0, 32).storeStringTail('for you').endCell()],
			['as a top-up', toBody(storePlain('topUp', 1n))]
		])('%s, from anyone', async (_, body) => {
			const before = await balance();
			const outcome = await send(body, world.stranger);
			expect(verdict(outcome)).toBe('ok');
			const gained = (await balance()) - before;
			expect(gained).toBeGreaterThan(toNano('0.1') - FEES / 10n);
			expect(gained).toBeLessThan(toNano('0.1'));
		});

		it.each([
			['an unknown opcode', beginCell().storeUint(0x12345678, 32).endCell()],
			['a few bits', beginCell().storeUint(1, 7).endCell()],
			['a reference without bits', beginCell().storeRef(beginCell()).endCell()],
			['an opcode of its own answers', toBody(storePlain('refund', 1n))]
		])('but bounces it with %s', async (_, body) => {
			const before = await balance();
			const outcome = await send(body, world.stranger);
			expect(code(outcome)).toBe(PURSE_EXIT_CODES.unknownMessage);
			expect(await balance()).toBe(before);
			if (outcome.kind !== 'done') throw new Error(outcome.kind);
			expect(outcome.all.at(-1)?.inMessage?.info).toMatchObject({ bounced: true });
		});
	});

	describe('paying out free money', () => {
		it('sends what was asked for, and the rest of what the message brought', async () => {
			const [before, owner] = [await balance(), await world.balance(world.owner.address)];
			const outcome = await withdraw(toNano('0.5'));
			expect(verdict(outcome)).toBe('ok');
			expect(await balance()).toBe(before - toNano('0.5'));
			const gained = (await world.balance(world.owner.address)) - owner;
			expect(gained).toBeGreaterThan(toNano('0.6') - FEES);
			if (outcome.kind !== 'done') throw new Error(outcome.kind);
			const refund = outcome.all.at(-1)?.inMessage?.body.beginParse();
			expect(refund && loadPlain('refund', refund)).toEqual({ queryId: 5n });
		});

		it('sends all of it for an amount of 0, and keeps rent and reserve to the nano', async () => {
			const before = await balance();
			const freeBefore = await free();
			expect(verdict(await withdraw(0n))).toBe('ok');
			expect(await balance()).toBe(before - freeBefore);
			expect(await free()).toBe(0n);
			expect(code(await withdraw(0n))).toBe(PURSE_EXIT_CODES.notEnoughFree);
		});

		it('refuses a nano more than there is', async () => {
			const freeBefore = await free();
			expect(code(await withdraw(freeBefore + 1n))).toBe(PURSE_EXIT_CODES.notEnoughFree);
			expect(await free()).toBe(freeBefore);
			expect(code(await withdraw(freeBefore))).toBe(0);
		});

		it('does so for a message that brings little', async () => {
			const body = toBody(storeWithdraw({ queryId: 1n, amountNano: toNano('0.5') }));
			const before = await balance();
			const outcome = await send(body, world.owner, FEES / 2n);
			expect(verdict(outcome)).toBe('ok');
			expect(await balance()).toBe(before - toNano('0.5'));
		});
	});

	describe('its reserve', () => {
		it('is locked for an hour after Unlock, and then pays out with the free money', async () => {
			expect(code(await plain('unlock'))).toBe(0);
			expect((await purse.getInfo()).unlockAt).toBe(world.now + HOUR);
			const beyondFree = (await free()) + 1n;
			expect(code(await withdraw(beyondFree))).toBe(PURSE_EXIT_CODES.notEnoughFree);
			world.pass(HOUR - 1);
			expect(code(await withdraw(beyondFree))).toBe(PURSE_EXIT_CODES.notEnoughFree);
			world.pass(1);
			expect(code(await withdraw(beyondFree))).toBe(0);
			expect(code(await withdraw(0n))).toBe(0);
			expect(await free()).toBe(-80_000_000n);
		});

		it('waits no longer for a second Unlock, and anew after a Lock', async () => {
			await plain('unlock');
			const { unlockAt } = await purse.getInfo();
			world.pass(HOUR / 2);
			expect(code(await plain('unlock'))).toBe(0);
			expect((await purse.getInfo()).unlockAt).toBe(unlockAt);
			expect(code(await plain('lock'))).toBe(0);
			expect((await purse.getInfo()).unlockAt).toBe(0);
			await plain('unlock');
			expect((await purse.getInfo()).unlockAt).toBe(world.now + HOUR);
		});

		it('is locked again by Lock after the hour', async () => {
			await plain('unlock');
			world.pass(HOUR);
			await plain('lock');
			expect(code(await withdraw((await free()) + 1n))).toBe(PURSE_EXIT_CODES.notEnoughFree);
			expect(code(await plain('close'))).toBe(PURSE_EXIT_CODES.reserveLocked);
		});

		it('still pays a winner after Unlock, and after the hour', async () => {
			await plain('unlock');
			expect(code(await redeem())).toBe(0);
			world.pass(HOUR);
			expect(code(await redeem())).toBe(0);
		});
	});

	describe('closing', () => {
		it('is refused while the reserve is locked or waits', async () => {
			expect(code(await plain('close'))).toBe(PURSE_EXIT_CODES.reserveLocked);
			await plain('unlock');
			world.pass(HOUR - 1);
			expect(code(await plain('close'))).toBe(PURSE_EXIT_CODES.reserveLocked);
		});

		it('sends everything back and deletes the account', async () => {
			await plain('unlock');
			world.pass(HOUR);
			const [before, owner] = [await balance(), await world.balance(world.owner.address)];
			expect(verdict(await plain('close'))).toBe('ok');
			expect(await world.isActive(purse.address)).toBe(false);
			expect(await balance()).toBe(0n);
			const gained = (await world.balance(world.owner.address)) - owner;
			expect(gained).toBeGreaterThan(before + toNano('0.1') - FEES);
			expect(gained).toBeLessThan(before + toNano('0.1'));
		});

		it('waits until no redeemed ticket can be valid: the second midnight', async () => {
			await redeem();
			await plain('unlock');
			const midnight = (Math.floor(world.now / DAY) + 2) * DAY;
			world.pass(HOUR);
			expect(code(await plain('close'))).toBe(PURSE_EXIT_CODES.idsStillValid);
			world.pass(midnight - 1 - world.now);
			expect(code(await plain('close'))).toBe(PURSE_EXIT_CODES.idsStillValid);
			world.pass(1);
			expect(code(await plain('close'))).toBe(0);
		});

		it('leaves nothing behind that an old ticket could take from a purse opened again', async () => {
			const redeemed = await redemption(world, purse.address);
			const unredeemed = await redemption(world, purse.address);
			expect(code(await world.external(purse.address, redeemed.body))).toBe(0);
			await plain('unlock');
			world.pass(2 * DAY);
			expect(code(await plain('close'))).toBe(0);
			await world.openPurse(toNano('1'));
			const before = await balance();
			for (const { body } of [redeemed, unredeemed]) {
				expect(verdict(await world.external(purse.address, body))).toBe(
					`refused ${PURSE_EXIT_CODES.expired}`
				);
			}
			expect(await balance()).toBe(before);
		});
	});

	it.each(['withdraw', 'unlock', 'lock', 'close'] as const)(
		'does not %s for a stranger, nor change',
		async (kind) => {
			const state = async () => (await world.data(purse.address)).hash().toString('hex');
			const [before, data] = [await balance(), await state()];
			const outcome =
				kind === 'withdraw'
					? await withdraw(1n, world.stranger)
					: await plain(kind, world.stranger);
			expect(code(outcome)).toBe(PURSE_EXIT_CODES.notOwner);
			expect([await balance(), await state()]).toEqual([before, data]);
		}
	);

	it('runs out of gas without harm when a message brings next to nothing', async () => {
		const before = await balance();
		const outcome = await send(toBody(storePlain('unlock', 1n)), world.owner, 10_000n);
		expect(outcome.exitCode).not.toBe(0);
		expect((await purse.getInfo()).unlockAt).toBe(0);
		expect(await balance()).toBeGreaterThanOrEqual(before);
	});

	it('obeys every order that brings the usual value', async () => {
		const via = world.owner.getSender();
		const options = { valueNano: ORDER_VALUE_NANO };
		await purse.sendTopUp(world.stranger.getSender(), options);
		await purse.sendWithdraw(via, { ...options, amountNano: toNano('0.9') });
		expect(await balance()).toBeLessThan(toNano('0.2'));
		await purse.sendUnlock(via, options);
		expect((await purse.getInfo()).unlockAt).toBe(world.now + HOUR);
		await purse.sendLock(via, options);
		expect((await purse.getInfo()).unlockAt).toBe(0);
		await purse.sendUnlock(via, options);
		world.pass(HOUR);
		await purse.sendClose(via, options);
		expect(await world.isActive(purse.address)).toBe(false);
	});

	it('knows all its opcodes apart', () => {
		expect(new Set(Object.values(PURSE_OPCODES)).size).toBe(Object.keys(PURSE_OPCODES).length);
	});
});
