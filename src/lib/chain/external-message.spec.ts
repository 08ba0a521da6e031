import type { Cell } from '@ton/core';
import {
	Address,
	beginCell,
	external,
	internal,
	storeMessage,
	storeMessageRelaxed,
	type Message
} from '@ton/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExternalMessage } from './external-message.ts';

const TO = new Address(0, Buffer.alloc(32, 7));
const ticket = beginCell().storeUint(1, 32).endCell();
const body = beginCell().storeUint(5, 32).storeRef(ticket).endCell();

const base64 = (cell: Cell) => cell.toBoc().toString('base64');
const cellOf = (message: Message) => beginCell().store(storeMessage(message)).endCell();

describe('parseExternalMessage', () => {
	it('tells the hash, the contract and every cell’s hash', () => {
		const cell = cellOf(external({ to: TO, body }));
		const parsed = parseExternalMessage(base64(cell), 4_096);
		expect(parsed).toMatchObject({
			ok: true,
			message: { hash: cell.hash().toString('hex'), to: TO.toRawString() }
		});
		const hashes = parsed.ok ? parsed.message.cellHashes : new Set();
		expect(hashes.has(ticket.hash().toString('hex'))).toBe(true);
		expect(hashes.has('0'.repeat(64))).toBe(false);
	});

	it('takes one message, however its BoC is written, for one', () => {
		const cell = cellOf(external({ to: TO, body }));
		const other = cell.toBoc({ idx: true, crc32: false }).toString('base64');
		expect(other).not.toBe(base64(cell));
		expect(parseExternalMessage(other, 4_096)).toEqual(parseExternalMessage(base64(cell), 4_096));
	});

	const toMaster = external({ to: new Address(-1, Buffer.alloc(32)), body });
	const fromInside = internal({ to: TO, value: 1n, bounce: false });
	it.each([
		['another workchain', base64(cellOf(toMaster)), 'workchain 0'],
		[
			'a message between contracts',
			base64(beginCell().store(storeMessageRelaxed(fromInside)).endCell()),
			'holds one message'
		],
		['no message', base64(ticket), 'holds one message'],
		['no BoC', 'AAAA', 'holds one message'],
		['nothing', '', 'holds one message']
	])('refuses %s', (_name, boc, reason) => {
		expect(parseExternalMessage(boc, 4_096)).toEqual({
			ok: false,
			message: expect.stringContaining(reason)
		});
	});

	it('refuses more bytes than allowed before it reads them', () => {
		const boc = base64(cellOf(external({ to: TO, body })));
		const size = Buffer.from(boc, 'base64').length;
		expect(parseExternalMessage(boc, size).ok).toBe(true);
		expect(parseExternalMessage(boc, size - 1).ok).toBe(false);
	});

	it('does not walk a small message with an enormous tree', () => {
		let cell = ticket;
		for (let depth = 0; depth < 40; depth++) {
			cell = beginCell().storeUint(depth, 8).storeRef(cell).storeRef(cell).endCell();
		}
		const parsed = parseExternalMessage(base64(cellOf(external({ to: TO, body: cell }))), 4_096);
		expect(parsed).toMatchObject({ ok: true });
	});

	it('never throws, whatever comes', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
				expect(parseExternalMessage(text, 4_096).ok).toBe(false);
			})
		);
	});
});
