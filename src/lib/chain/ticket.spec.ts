import { Address, beginCell } from '@ton/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomBytes, toHex, type Bytes } from '../protocol/bytes.ts';
import { createIdentity, type Identity } from '../protocol/keys.ts';
import type { JobId } from '../protocol/ids.ts';
import { accountOf } from './account.ts';
import { ticketFromCell, ticketToCell } from './contracts/ticket-cell.ts';
import {
	commitTo,
	createLastingSecret,
	drawOf,
	isWinning,
	ticketSecret,
	type TicketPlace
} from './draw.ts';
import {
	makeTicket,
	signTicket,
	ticketExpiry,
	ticketFromWire,
	ticketId,
	ticketToWire,
	type Due,
	type Ticket,
	type TicketTerms
} from './ticket.ts';

const bytes32 = fc
	.uint8Array({ minLength: 32, maxLength: 32 })
	.map((bytes): Bytes => new Uint8Array(bytes));
const account = bytes32.map(accountOf);

const terms: fc.Arbitrary<TicketTerms> = fc.record({
	network: fc.constantFrom(-239, -3, -217, 0, 2 ** 31 - 1, -(2 ** 31)),
	purse: account,
	payee: account,
	faceValueNano: fc.bigInt({ min: 0n, max: (1n << 120n) - 1n }),
	expires: fc.nat({ max: 2 ** 32 - 1 })
});
const ticket: fc.Arbitrary<Ticket> = fc
	.tuple(
		terms,
		fc.record({
			odds: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
			commit: bytes32,
			salt: bytes32,
			receipt: bytes32
		})
	)
	.map(([common, own]) => ({ ...common, ...own }));

const hashOf = (...parts: Bytes[]) =>
	parts
		.reduce((builder, part) => builder.storeBuffer(Buffer.from(part)), beginCell())
		.endCell()
		.hash()
		.toString('hex');

describe('a ticket', () => {
	it('has the hash of its cell as id, as @ton/core computes it', async () => {
		await fc.assert(
			fc.asyncProperty(ticket, async (any) => {
				const cell = ticketToCell(any);
				expect(toHex(await ticketId(any))).toBe(cell.hash().toString('hex'));
				expect(ticketFromCell(cell)).toEqual(any);
			}),
			{ numRuns: 300 }
		);
	});

	it('refuses numbers that its cell has no room for', async () => {
		const [sample] = fc.sample(ticket, 1);
		const outside: Partial<Ticket>[] = [
			{ odds: 1n << 64n },
			{ odds: -1n },
			{ faceValueNano: 1n << 120n },
			{ faceValueNano: -1n },
			{ expires: 2 ** 32 },
			{ network: 2 ** 31 },
			{ network: 0.5 },
			{ purse: '0:abcd' as Ticket['purse'] },
			{ salt: new Uint8Array(200) }
		];
		for (const part of outside) {
			await expect(ticketId({ ...(sample as Ticket), ...part })).rejects.toThrow();
		}
	});

	it('expires at the last second of tomorrow, UTC', () => {
		const at = (iso: string) => new Date(ticketExpiry(Date.parse(iso)) * 1000).toISOString();
		expect(at('2026-11-24T00:00:00.000Z')).toBe('2026-11-25T23:59:59.000Z');
		expect(at('2026-11-24T23:59:59.999Z')).toBe('2026-11-25T23:59:59.000Z');
		expect(at('2026-12-31T12:00:00Z')).toBe('2027-01-01T23:59:59.000Z');
	});
});

describe('the wire form', () => {
	let session: Identity;
	const common: TicketTerms = {
		network: -217,
		purse: accountOf(randomBytes(32)),
		payee: accountOf(randomBytes(32)),
		faceValueNano: 20_000_000n,
		expires: ticketExpiry(Date.now())
	};
	const due: Due = { priceNano: 4_000n, commit: randomBytes(32), receipt: randomBytes(32) };

	beforeAll(async () => {
		session = await createIdentity();
	});

	it('carries salt and signature, and the contributor finds the same ticket', async () => {
		const signed = await signTicket(session.privateKey, makeTicket(common, due));
		const wire = ticketToWire(signed);
		expect(Object.keys(wire)).toEqual(['salt', 'sig']);
		expect(await ticketFromWire(session.publicKey, common, due, wire)).toEqual(signed);
	});

	it('does not fit any other terms, price, commit, receipt, salt or key', async () => {
		const wire = ticketToWire(await signTicket(session.privateKey, makeTicket(common, due)));
		const other = await createIdentity();
		const read = (
			key = session.publicKey,
			changedTerms: Partial<TicketTerms> = {},
			changedDue: Partial<Due> = {},
			changedWire: Partial<typeof wire> = {}
		) =>
			ticketFromWire(
				key,
				{ ...common, ...changedTerms },
				{ ...due, ...changedDue },
				{ ...wire, ...changedWire }
			);
		expect(await read()).not.toBeNull();
		const others = await Promise.all([
			read(other.publicKey),
			read(new Uint8Array(32)),
			read(session.publicKey, { network: -239 }),
			read(session.publicKey, { purse: common.payee }),
			read(session.publicKey, { payee: common.purse }),
			read(session.publicKey, { faceValueNano: common.faceValueNano + 1n }),
			read(session.publicKey, { expires: common.expires - 1 }),
			read(session.publicKey, {}, { priceNano: due.priceNano + 1n }),
			read(session.publicKey, {}, { commit: randomBytes(32) }),
			read(session.publicKey, {}, { receipt: randomBytes(32) }),
			read(session.publicKey, {}, {}, { salt: ticketToWire(await freshTicket()).salt }),
			read(session.publicKey, {}, {}, { salt: 'AAAA' }),
			read(session.publicKey, {}, {}, { sig: 'AAAA' }),
			read(session.publicKey, {}, {}, { sig: '*' })
		]);
		expect(others).toEqual(others.map(() => null));
	});

	const freshTicket = () => signTicket(session.privateKey, makeTicket(common, due));
});

describe('the draw', () => {
	it('and the commit are the cell hashes that the purse computes', async () => {
		await fc.assert(
			fc.asyncProperty(bytes32, bytes32, async (secret, id) => {
				expect(toHex(await commitTo(secret))).toBe(hashOf(secret));
				const first64 = BigInt(`0x${hashOf(secret, id).slice(0, 16)}`);
				expect(await drawOf(secret, id)).toBe(first64);
				expect(await isWinning(secret, id, first64)).toBe(false);
				expect(await isWinning(secret, id, first64 + 1n)).toBe(true);
			}),
			{ numRuns: 100 }
		);
	});

	it('never wins at odds of 0', async () => {
		expect(await isWinning(randomBytes(32), randomBytes(32), 0n)).toBe(false);
	});
});

describe('the secret behind a commit', () => {
	const place: TicketPlace = {
		transcript: new Uint8Array(32),
		job: 'AAAAAAAAAAAAAAAAAAAAAA' as JobId,
		seq: 3,
		part: 0
	};

	it('can be made again for the same place, and is another one everywhere else', async () => {
		const lasting = await createLastingSecret();
		const secret = toHex(await ticketSecret(lasting, place));
		expect(toHex(await ticketSecret(lasting, { ...place }))).toBe(secret);
		const others = await Promise.all([
			ticketSecret(lasting, { ...place, transcript: new Uint8Array(32).fill(1) }),
			ticketSecret(lasting, { ...place, job: 'BAAAAAAAAAAAAAAAAAAAAA' as JobId }),
			ticketSecret(lasting, { ...place, seq: 4 }),
			ticketSecret(lasting, { ...place, part: 1 }),
			ticketSecret(await createLastingSecret(), place)
		]);
		expect(new Set([secret, ...others.map(toHex)]).size).toBe(6);
	});
});

describe('an account', () => {
	it('is the raw form of an address in workchain 0', () => {
		fc.assert(
			fc.property(bytes32, (hash) => {
				expect(accountOf(hash)).toBe(new Address(0, Buffer.from(hash)).toRawString());
			})
		);
	});
});
