import { expect, it } from 'vitest';
import { Lifeline } from './lifeline.ts';

const never = () => new Promise<never>(() => {});

it('fails every wait when it is cut, and every later one', async () => {
	const line = new Lifeline();
	const waits = [line.hold(never()), line.hold(never())];
	line.cut(new Error('gone'));
	line.cut(new Error('gone again'));
	for (const wait of [...waits, line.hold(never())]) await expect(wait).rejects.toThrow(/^gone$/);
});

it('gives what the promise gives', async () => {
	const line = new Lifeline();
	expect(await line.hold(Promise.resolve(1))).toBe(1);
	await expect(line.hold(Promise.reject(new Error('own')))).rejects.toThrow('own');
});
