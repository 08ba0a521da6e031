import type { Slice } from '@ton/core';
import type { Bytes } from '../../protocol/bytes.ts';
import type { Ticket } from '../ticket.ts';
import { expectTag, loadBytes, storeBytes, type Store } from './message-parts.ts';
import { ticketFromCell, ticketToCell } from './ticket-cell.ts';

/** The messages to and from a purse (`contracts/messages.tolk`); each pair stands below its TL-B. */

export const PURSE_OPCODES = {
	topUp: 0x4d420001,
	withdraw: 0x4d420002,
	unlock: 0x4d420003,
	lock: 0x4d420004,
	close: 0x4d420005,
	redeem: 0x4d420006,
	payout: 0x4d420010,
	refund: 0x4d420011
} as const;

/** The messages that say no more than what they are. */
type PlainKind = 'topUp' | 'unlock' | 'lock' | 'close' | 'refund';

/*
top_up#4d420001 query_id:uint64 = PurseMessage;
unlock#4d420003 query_id:uint64 = PurseMessage;
lock#4d420004   query_id:uint64 = PurseMessage;
close#4d420005  query_id:uint64 = PurseMessage;
refund#4d420011 query_id:uint64 = PurseAnswer;
*/
export function storePlain(kind: PlainKind, queryId: bigint): Store {
	return (builder) => builder.storeUint(PURSE_OPCODES[kind], 32).storeUint(queryId, 64);
}

export function loadPlain(kind: PlainKind, slice: Slice): { queryId: bigint } {
	expectTag(slice, PURSE_OPCODES[kind], kind);
	const queryId = slice.loadUintBig(64);
	slice.endParse();
	return { queryId };
}

export interface Withdraw {
	queryId: bigint;
	/** 0 is all free money. */
	amountNano: bigint;
}

/*
withdraw#4d420002 query_id:uint64 amount:Grams = PurseMessage;
*/
export function storeWithdraw({ queryId, amountNano }: Withdraw): Store {
	return (builder) =>
		builder.storeUint(PURSE_OPCODES.withdraw, 32).storeUint(queryId, 64).storeCoins(amountNano);
}

export function loadWithdraw(slice: Slice): Withdraw {
	expectTag(slice, PURSE_OPCODES.withdraw, 'withdraw');
	const message = { queryId: slice.loadUintBig(64), amountNano: slice.loadCoins() };
	slice.endParse();
	return message;
}

/** A ticket with what redeeming it takes; a `Winner` has all of it. */
export interface Redeem {
	secret: Bytes;
	signature: Bytes;
	ticket: Ticket;
}

/*
redeem#4d420006 secret:bits256 signature:bits512 ticket:^Ticket = PurseMessage;
*/
export function storeRedeem({ secret, signature, ticket }: Redeem): Store {
	return (builder) =>
		builder
			.storeUint(PURSE_OPCODES.redeem, 32)
			.store(storeBytes(secret, 32))
			.store(storeBytes(signature, 64))
			.storeRef(ticketToCell(ticket));
}

export function loadRedeem(slice: Slice): Redeem {
	expectTag(slice, PURSE_OPCODES.redeem, 'redeem');
	const message = {
		secret: loadBytes(slice, 32),
		signature: loadBytes(slice, 64),
		ticket: ticketFromCell(slice.loadRef())
	};
	slice.endParse();
	return message;
}

/*
payout#4d420010 ticket_id:bits256 = PurseAnswer;
*/
export function storePayout(ticketId: Bytes): Store {
	return (builder) => builder.storeUint(PURSE_OPCODES.payout, 32).store(storeBytes(ticketId, 32));
}

export function loadPayout(slice: Slice): { ticketId: Bytes } {
	expectTag(slice, PURSE_OPCODES.payout, 'payout');
	const ticketId = loadBytes(slice, 32);
	slice.endParse();
	return { ticketId };
}
