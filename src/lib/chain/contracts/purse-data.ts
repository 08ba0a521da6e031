import { beginCell, contractAddress, type Address, type Cell, type StateInit } from '@ton/core';
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
	/** Days since 1970. */
	day: number;
	/** Tickets redeemed on that day. */
	paidToday: number;
	/**
	 * Ids of redeemed tickets that expire on `day`, and on the next. Left unread: a busy purse's sets
	 * have tens of thousands of cells, and `is_redeemed` looks into them.
	 */
	today: Cell | null;
	tomorrow: Cell | null;
	/** Hash chain over the receipts of all payouts. */
	anchor: Bytes;
	/** Unix seconds from which the reserve is free; 0 while it is locked. */
	unlockAt: number;
}

/*
purse$_ day:uint16 paid_today:uint16 today:(HashmapE 256 True) tomorrow:(HashmapE 256 True)
  anchor:bits256 unlock_at:uint32
  session_key:bits256 reserve:Grams number:uint32 owner:MsgAddressInt = PurseStorage;
*/
export function storePurseData(data: PurseData): Cell {
	return beginCell()
		.storeUint(data.day, 16)
		.storeUint(data.paidToday, 16)
		.storeMaybeRef(data.today)
		.storeMaybeRef(data.tomorrow)
		.store(storeBytes(data.anchor, 32))
		.storeUint(data.unlockAt, 32)
		.store(storeBytes(data.sessionKey, 32))
		.storeCoins(data.reserveNano)
		.storeUint(data.number, 32)
		.storeAddress(data.owner)
		.endCell();
}

/** @throws Error when the cell is not a purse's data */
export function loadPurseData(cell: Cell): PurseData {
	const slice = cell.beginParse();
	const data = {
		day: slice.loadUint(16),
		paidToday: slice.loadUint(16),
		today: slice.loadMaybeRef(),
		tomorrow: slice.loadMaybeRef(),
		anchor: loadBytes(slice, 32),
		unlockAt: slice.loadUint(32),
		sessionKey: loadBytes(slice, 32),
		reserveNano: slice.loadCoins(),
		number: slice.loadUint(32),
		owner: slice.loadAddress()
	};
	slice.endParse();
	return data;
}

/** The data that a purse of this config is deployed with. */
export function initialPurseData(config: PurseConfig): Cell {
	return storePurseData({
		...config,
		day: 0,
		paidToday: 0,
		today: null,
		tomorrow: null,
		anchor: new Uint8Array(32),
		unlockAt: 0
	});
}

/** What deploys a purse of this config; its hash is the purse's address. */
export function purseStateInit(config: PurseConfig): StateInit {
	return { code: PURSE_CODE, data: initialPurseData(config) };
}

/** Where a purse of this config lives, whether it exists or not. */
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
