import { toNano, type Cell } from '@ton/core';
import { describe, expect, it } from 'vitest';
import { toBody } from '../../src/lib/chain/contracts/message-parts.ts';
import { storePlain, storeWithdraw } from '../../src/lib/chain/contracts/purse-messages.ts';
import { Purse } from '../../src/lib/chain/contracts/purse.ts';
import { PURSE_EXIT_CODES } from '../../src/lib/chain/contracts/refusals.ts';
import { DEVNET_ID, MAINNET_ID } from './support/prices.ts';
import { redemption } from './support/tickets.ts';
import { TestWallet } from './support/wallets.ts';
import { verdict, World } from './support/world.ts';

describe('what belongs to the local network', () => {
	it('is worth nothing on mainnet: a ticket', async () => {
		const [devnet, mainnet] = [await World.create(), await World.create('mainnet', MAINNET_ID)];
		const purses = [await devnet.openPurse(toNano('1')), await mainnet.openPurse(toNano('1'))];
		const [there, here] = purses.map(({ address }) => address);
		if (!there || !here) throw new Error('no purse');
		expect(there.equals(here)).toBe(true);
		const { body } = await redemption(devnet, there);
		expect(verdict(await mainnet.external(here, body))).toBe(
			`refused ${PURSE_EXIT_CODES.wrongNetwork}`
		);
		expect(verdict(await devnet.external(there, body))).toBe('ok');
		const own = await redemption(mainnet, here);
		expect(verdict(await mainnet.external(here, own.body))).toBe('ok');
	});

	it('is worth nothing on mainnet: a wallet’s message', async () => {
		const [devnet, mainnet] = [await World.create(), await World.create('mainnet', MAINNET_ID)];
		const there = await TestWallet.create(devnet, 'W5', toNano('1'), DEVNET_ID);
		const here = await TestWallet.create(mainnet, 'W5', toNano('1'), MAINNET_ID);
		expect(there.address.equals(here.address)).toBe(false);
		const transfer = { to: devnet.owner.address, value: toNano('0.1') };
		const body = await there.transfer(transfer);
		const balance = await mainnet.balance(here.address);
		expect(verdict(await mainnet.external(here.address, body))).toMatch(/^refused/);
		expect(await mainnet.balance(here.address)).toBe(balance);
		expect(verdict(await devnet.external(there.address, body))).toBe('ok');
		expect(verdict(await here.send(transfer))).toBe('ok');
	});
});

describe('a purse of people’s own wallets', () => {
	it.each(['W5', 'W4'] as const)('opens, unlocks and pays out to a %s', async (kind) => {
		const world = await World.create();
		const wallet = await TestWallet.create(world, kind, toNano('3'));
		const purse = world.purse({ owner: wallet.address });
		const { address, init } = Purse.createFromConfig({
			owner: wallet.address,
			number: 0,
			sessionKey: world.session.publicKey,
			reserveNano: 80_000_000n
		});
		expect(address.equals(purse.address)).toBe(true);
		const opening = { to: address, value: toNano('1'), ...(init && { init }) };
		expect(verdict(await wallet.send(opening))).toBe('ok');
		expect((await purse.getInfo()).owner.equals(wallet.address)).toBe(true);
		expect((await purse.getInfo()).freeNano).toBeGreaterThan(toNano('0.9'));
		const order = (body: Cell) => wallet.send({ to: address, value: toNano('0.02'), body });
		await order(toBody(storePlain('unlock', 1n)));
		expect((await purse.getInfo()).unlockAt).toBe(world.now + 3600);
		const before = await world.balance(wallet.address);
		await order(toBody(storeWithdraw({ queryId: 2n, amountNano: toNano('0.5') })));
		expect((await world.balance(wallet.address)) - before).toBeGreaterThan(toNano('0.49'));
	});
});
