import { describe, expect, it } from 'vitest';
import { Faucet, FAUCET_DEFAULT_NANO, parseGrant } from './faucet.ts';

const RAW = `0:${'a'.repeat(64)}`;
const FRIENDLY = 'EQCqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqseb';

describe('parseGrant', () => {
	it('takes either form of an address, and an amount up to the most', () => {
		const asked = { ok: true, address: RAW, amountNano: FAUCET_DEFAULT_NANO };
		expect(parseGrant({ address: RAW })).toEqual(asked);
		expect(parseGrant({ address: FRIENDLY })).toEqual(asked);
		expect(parseGrant({ address: RAW, amountNano: '20000000000' })).toMatchObject({ ok: true });
	});

	it.each([
		[undefined, 'body'],
		[null, 'body'],
		[{}, 'address'],
		[{ address: 'me' }, 'address'],
		[{ address: RAW, amountNano: 5 }, 'amountNano'],
		[{ address: RAW, amountNano: '0' }, 'amountNano'],
		[{ address: RAW, amountNano: '-5' }, 'amountNano'],
		[{ address: RAW, amountNano: '1e9' }, 'amountNano'],
		[{ address: RAW, amountNano: '20000000001' }, 'amountNano']
	])('refuses %j by name', (body, field) => {
		expect(parseGrant(body)).toEqual({
			...{ ok: false, field },
			message: expect.stringMatching(new RegExp(`^${field}: `))
		});
	});
});

describe('Faucet', () => {
	it('gives one wallet five times at once, and again after minutes', () => {
		const faucet = new Faucet(1_000);
		const grants = Array.from({ length: 6 }, (_, n) => faucet.take(`caller ${n}`, RAW, 0));
		expect(grants.slice(0, 5)).toEqual([null, null, null, null, null]);
		expect(grants[5]).toContain('This address had its coins');
		expect(faucet.take('caller', RAW, 3 * 60_000)).toBeNull();
	});

	it('gives one caller so much an hour, for whichever wallet', () => {
		const faucet = new Faucet(3);
		const take = (wallet: string, nowMs = 0) => faucet.take('caller', wallet, nowMs);
		expect([take('a'), take('b'), take('c')]).toEqual([null, null, null]);
		expect(take('d')).toContain('too often');
		expect(faucet.take('another', 'e', 0)).toBeNull();
		expect(take('f', 20 * 60_000)).toBeNull();
	});

	it('gives all together no more than twenty busy callers', () => {
		const faucet = new Faucet(1);
		const grants = Array.from({ length: 21 }, (_, n) => faucet.take(`${n}`, `${n}`, Date.now()));
		expect(grants.slice(0, 20).every((refusal) => refusal === null)).toBe(true);
		expect(grants[20]).toContain('all it may');
	});
});
