import { describe, expect, it } from 'vitest';
import { Deposit } from './deposit.svelte.ts';

const TON = 1_000_000_000n;
const OPEN = { reserveNano: TON, freeNano: 5n, unlockAt: 0, ticketsGoneAt: 0 };
const coins = String;

const of = (text: string) => {
	const deposit = new Deposit('en');
	deposit.text = text;
	return deposit;
};

describe('a deposit', () => {
	it('begins with one, in the language’s own way of writing', () => {
		expect(new Deposit('en').amountNano).toBe(TON);
		const french = new Deposit('fr');
		french.choose(TON / 5n);
		expect(french.text).toBe('0,2');
		expect(french.amountNano).toBe(TON / 5n);
	});

	it('that opens a purse is divided without a rest', () => {
		for (const text of ['0.15', '0.2', '1', '5']) {
			const deposit = of(text);
			const parts = deposit.partsFor(null);
			if (parts?.kind !== 'open') throw new Error('expected parts');
			expect(parts.reserveNano + parts.rentNano + parts.freeNano).toBe(deposit.amountNano);
			expect(parts.freeNano).toBeGreaterThan(60_000_000n);
			expect(parts.isLittle).toBe(text === '0.15' || text === '0.2');
		}
	});

	it('into an open purse is free money, after what the reserve lacks', () => {
		expect(of('1').partsFor(OPEN)).toEqual({ kind: 'top_up', refillNano: 0n });
		expect(of('1').partsFor({ ...OPEN, freeNano: -7n })).toEqual({
			...{ kind: 'top_up', refillNano: 7n }
		});
	});

	it('has a reason where it cannot be made', () => {
		expect(of('1').faultFor(null, 5n * TON)).toBeNull();
		expect(of('1').faultFor(null, null)).toBeNull();
		expect(of('one').faultFor(null, null)?.(coins)).toContain('such as');
		expect(of('0.14').faultFor(null, null)?.(coins)).toContain('150000000');
		expect(of('0.02').faultFor(OPEN, null)).toBeNull();
		expect(of('0.001').faultFor(OPEN, null)?.(coins)).toContain('10000000');
		expect(of('1').faultFor(null, TON)?.(coins)).toContain(String(TON));
		expect(of('').partsFor(null)).toBeNull();
	});
});
