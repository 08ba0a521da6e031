import { expect, it } from 'vitest';
import { PurseStreams } from './purse-streams.ts';

const PURSE = `0:${'11'.repeat(32)}`;

it('counts what other tabs pay from the same purse, and not its own', async () => {
	const [one, two] = [new PurseStreams(PURSE), new PurseStreams(PURSE)];
	const elsewhere = new PurseStreams(`0:${'22'.repeat(32)}`);
	const ends = await Promise.all([one.begin(), one.begin(), elsewhere.begin()]);
	expect(one.own).toBe(2);
	expect(await one.others()).toBe(0);
	expect(await two.others()).toBe(2);
	const end = await two.begin();
	expect(await one.others()).toBe(1);
	for (const stop of [...ends, end]) {
		stop();
		stop();
	}
	await expect.poll(() => two.others()).toBe(0);
	expect([one.own, two.own]).toEqual([0, 0]);
});
