import { expect, it } from 'vitest';
import { SignerLock } from './signer-lock.ts';

const PURSE = `0:${'11'.repeat(32)}`;

it('is held by one tab at a time, and shared by the jobs of that tab', async () => {
	const [one, two] = [new SignerLock(PURSE), new SignerLock(PURSE)];
	const first = await one.acquire();
	const second = await one.acquire();
	expect(one.users).toBe(2);
	expect(await two.acquire(20)).toBeNull();
	first?.();
	first?.();
	expect(one.users).toBe(1);
	expect(await two.acquire(20)).toBeNull();
	second?.();
	const other = await two.acquire(200);
	expect(other).not.toBeNull();
	expect(await one.acquire(20)).toBeNull();
	other?.();
	const again = await one.acquire(200);
	expect(again).not.toBeNull();
	again?.();
});

it('waits a moment for a tab that is about to finish', async () => {
	const [one, two] = [new SignerLock(PURSE), new SignerLock(PURSE)];
	const release = await one.acquire();
	setTimeout(() => release?.(), 20);
	const other = await two.acquire(2_000);
	expect(other).not.toBeNull();
	other?.();
});

it('is another one for another purse', async () => {
	const one = new SignerLock(PURSE);
	const two = new SignerLock(`0:${'22'.repeat(32)}`);
	const [first, second] = await Promise.all([one.acquire(20), two.acquire(20)]);
	expect(second).not.toBeNull();
	first?.();
	second?.();
});
