import { Address, beginCell, type Cell, type Slice } from '@ton/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bytes } from '../../protocol/bytes.ts';
import { accountOf } from '../account.ts';
import * as beacon from './beacon-messages.ts';
import { toBody, type Store } from './message-parts.ts';
import * as purse from './purse-messages.ts';
import { ticketFromCell, ticketToCell } from './ticket-cell.ts';

const bytes = (length: number) =>
	fc
		.uint8Array({ minLength: length, maxLength: length })
		.map((array): Bytes => new Uint8Array(array));
const uint = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const account = bytes(32).map(accountOf);
const address = fc
	.tuple(fc.constantFrom(0, -1), bytes(32))
	.map(([workchain, hash]) => new Address(workchain, Buffer.from(hash)));
const ticket = fc.record({
	network: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
	purse: account,
	payee: account,
	faceValueNano: uint(120),
	odds: uint(64),
	expires: fc.nat(2 ** 32 - 1),
	commit: bytes(32),
	salt: bytes(32),
	receipt: bytes(32)
});
const head = fc.record({ size: uint(64), root: bytes(32), timeMs: fc.maxSafeNat() });

/** Checks that reading undoes writing, and that nothing more and nothing else is read. */
function checkPair<T>(values: fc.Arbitrary<T>, store: (value: T) => Store, load: (s: Slice) => T) {
	fc.assert(
		fc.property(values, (value) => {
			const body: Cell = toBody(store(value));
			expect(load(body.beginParse())).toEqual(value);
			const longer = beginCell().storeSlice(body.beginParse()).storeBit(1).endCell();
			expect(() => load(longer.beginParse())).toThrow();
			const other = beginCell().storeUint(1, 32).storeSlice(body.beginParse().skip(32)).endCell();
			expect(() => load(other.beginParse())).toThrow(/expected tag 4d4200/);
		}),
		{ numRuns: 50 }
	);
}

describe('a message is read as it was written:', () => {
	it.each(['topUp', 'unlock', 'lock', 'close', 'refund'] as const)('%s', (kind) => {
		checkPair(
			fc.record({ queryId: uint(64) }),
			({ queryId }) => purse.storePlain(kind, queryId),
			(slice) => purse.loadPlain(kind, slice)
		);
	});

	it('withdraw', () => {
		const values = fc.record({ queryId: uint(64), amountNano: uint(120) });
		checkPair(values, purse.storeWithdraw, purse.loadWithdraw);
	});

	it('redeem', () => {
		const values = fc.record({ secret: bytes(32), signature: bytes(64), ticket });
		checkPair(values, purse.storeRedeem, purse.loadRedeem);
	});

	it('payout', () => {
		checkPair(
			fc.record({ ticketId: bytes(32) }),
			({ ticketId }) => purse.storePayout(ticketId),
			purse.loadPayout
		);
	});

	it('anchor', () => {
		const values = fc.record({ queryId: uint(64), head });
		checkPair(values, beacon.storeAnchor, beacon.loadAnchor);
	});

	it('set_catalogue', () => {
		const values = fc.record({ queryId: uint(64), hash: bytes(32) });
		checkPair(values, beacon.storeSetCatalogue, beacon.loadSetCatalogue);
	});

	it('set_owner', () => {
		const values = fc
			.record({ queryId: uint(64), owner: address })
			.map(({ queryId, owner }) => ({ queryId, owner: owner.toString() }));
		checkPair(
			values,
			({ queryId, owner }) => beacon.storeSetOwner({ queryId, owner: Address.parse(owner) }),
			(slice) => {
				const { queryId, owner } = beacon.loadSetOwner(slice);
				return { queryId, owner: owner.toString() };
			}
		);
	});

	it('anchored', () => {
		checkPair(head, beacon.storeAnchored, beacon.loadAnchored);
	});

	it('excess', () => {
		checkPair(
			fc.record({ queryId: uint(64) }),
			({ queryId }) => beacon.storeExcess(queryId),
			beacon.loadExcess
		);
	});
});

describe('a ticket’s cell', () => {
	it('is read as it was written, and nothing longer is', () => {
		fc.assert(
			fc.property(ticket, (value) => {
				const cell = ticketToCell(value);
				expect(ticketFromCell(cell)).toEqual(value);
				const longer = beginCell().storeSlice(cell.beginParse()).storeBit(0).endCell();
				expect(() => ticketFromCell(longer)).toThrow();
			}),
			{ numRuns: 50 }
		);
	});

	it('of a purse in another workchain is refused', () => {
		const [value] = fc.sample(ticket, 1);
		if (!value) throw new Error('no sample');
		const slice = ticketToCell(value).beginParse();
		const start = slice.loadBits(64);
		const there = new Address(-1, slice.loadAddress().hash);
		const cell = beginCell().storeBits(start).storeAddress(there).storeSlice(slice).endCell();
		expect(() => ticketFromCell(cell)).toThrow('expected workchain 0, found -1');
	});
});
