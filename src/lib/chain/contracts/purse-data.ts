import {
	beginCell,
	contractAddress,
	type Address,
	type Cell,
	type Slice,
	type StateInit
} from '@ton/core';
import type { Bytes } from '../../protocol/bytes.ts';
import { PURSE_CODE } from './code.ts';
import { loadBytes, storeBytes } from './message-parts.ts';

/** What never changes in a purse; with the code it makes the address. */
export interface PurseConfig {
	owner: Address;
	/** Tells several purses of one owner apart; not used again after `Close`. */
	number: number;
	/** The Ed25519 key that signs tickets, 32 bytes. */
	sessionKey: Bytes;
	reserveNano: bigint;
}

export interface PurseData extends PurseConfig {
	/** Unix seconds from which the reserve is free; 0 while it is locked. */
	unlockAt: number;
	/** Hash chain over the receipts of all payouts. */
	anchor: Bytes;
	/** Days since 1970 of the sets: ids of tickets that expire on it, and on the next. */
	day: number;
	today: IdSet;
	tomorrow: IdSet;
}

/** Left unread: a busy purse's sets have tens of thousands of cells. `is_redeemed` looks into them. */
export interface IdSet {
	count: number;
	ids: Cell | null;
}

const EMPTY_SET: IdSet = { count: 0, ids: null };

/*
id_set$_ count:uint16 ids:(HashmapE 256 True) = IdSet;
purse$_ owner:MsgAddressInt number:uint32 session_key:bits256 reserve:Grams
  unlock_at:uint32 anchor:bits256 day:uint16 today:IdSet tomorrow:IdSet = PurseStorage;
*/
export function storePurseData(data: PurseData): Cell {
	return beginCell()
		.storeAddress(data.owner)
		.storeUint(data.number, 32)
		.store(storeBytes(data.sessionKey, 32))
		.storeCoins(data.reserveNano)
		.storeUint(data.unlockAt, 32)
		.store(storeBytes(data.anchor, 32))
		.storeUint(data.day, 16)
		.storeUint(data.today.count, 16)
		.storeMaybeRef(data.today.ids)
		.storeUint(data.tomorrow.count, 16)
		.storeMaybeRef(data.tomorrow.ids)
		.endCell();
}

/** @throws Error when the cell is not a purse's data */
export function loadPurseData(cell: Cell): PurseData {
	const slice = cell.beginParse();
	const data = {
		owner: slice.loadAddress(),
		number: slice.loadUint(32),
		sessionKey: loadBytes(slice, 32),
		reserveNano: slice.loadCoins(),
		unlockAt: slice.loadUint(32),
		anchor: loadBytes(slice, 32),
		day: slice.loadUint(16),
		today: loadIdSet(slice),
		tomorrow: loadIdSet(slice)
	};
	slice.endParse();
	return data;
}

function loadIdSet(slice: Slice): IdSet {
	return { count: slice.loadUint(16), ids: slice.loadMaybeRef() };
}

/** The data that a purse of this config is deployed with. */
export function initialPurseData(config: PurseConfig): Cell {
	return storePurseData({
		...config,
		unlockAt: 0,
		anchor: new Uint8Array(32),
		day: 0,
		today: EMPTY_SET,
		tomorrow: EMPTY_SET
	});
}

/** What deploys a purse of this config; its hash is the purse's address. */
export function purseStateInit(config: PurseConfig): StateInit {
	return { code: PURSE_CODE, data: initialPurseData(config) };
}

export function purseAddress(config: PurseConfig): Address {
	return contractAddress(0, purseStateInit(config));
}

/**
 * The data of an account that claims to be a purse, or the reason why it is none. The address is
 * computed anew from the unchanging part, so the purse began with empty sets, which a contributor
 * relies on: one that began with a set of its owner's making could refuse winners.
 */
export function verifyPurse(
	address: Address,
	account: { code: Cell; data: Cell }
): { ok: true; data: PurseData } | { ok: false; reason: string } {
	if (!account.code.equals(PURSE_CODE)) return { ok: false, reason: 'code: not a known purse' };
	let data: PurseData;
	try {
		data = loadPurseData(account.data);
	} catch (error) {
		const reason = error instanceof Error ? error.message : 'not readable';
		return { ok: false, reason: `data: ${reason}` };
	}
	const expected = purseAddress(data);
	if (expected.equals(address)) return { ok: true, data };
	return {
		ok: false,
		reason: `address: expected ${expected.toRawString()}, found ${address.toRawString()}`
	};
}
