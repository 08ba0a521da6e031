import { beginCell, type Address, type Cell, type Slice } from '@ton/core';
import type { Bytes } from '../../protocol/bytes.ts';
import { expectTag, loadBytes, storeBytes, type Store } from './message-parts.ts';

/** The messages to and from a beacon (`contracts/messages.tolk`); each pair stands below its TL-B. */

export const BEACON_OPCODES = {
	anchor: 0x4d420021,
	setCatalogue: 0x4d420022,
	setOwner: 0x4d420023,
	anchored: 0x4d420030,
	excess: 0x4d420031
} as const;

/** A head of the receipt log. */
export interface LogHead {
	size: bigint;
	/** The root of the Merkle tree, 32 bytes. */
	root: Bytes;
	/** Unix milliseconds. */
	timeMs: number;
}

/*
head$_ size:uint64 root:bits256 time_ms:uint64 = Head;
*/
export function storeHead({ size, root, timeMs }: LogHead): Store {
	return (builder) => builder.storeUint(size, 64).store(storeBytes(root, 32)).storeUint(timeMs, 64);
}

export function loadHead(slice: Slice): LogHead {
	return {
		size: slice.loadUintBig(64),
		root: loadBytes(slice, 32),
		timeMs: Number(slice.loadUintBig(64))
	};
}

/*
anchor#4d420021 query_id:uint64 head:Head = BeaconMessage;
*/
export function storeAnchor({ queryId, head }: { queryId: bigint; head: LogHead }): Store {
	return (builder) =>
		builder.storeUint(BEACON_OPCODES.anchor, 32).storeUint(queryId, 64).store(storeHead(head));
}

export function loadAnchor(slice: Slice): { queryId: bigint; head: LogHead } {
	expectTag(slice, BEACON_OPCODES.anchor, 'anchor');
	const message = { queryId: slice.loadUintBig(64), head: loadHead(slice) };
	slice.endParse();
	return message;
}

/*
set_catalogue#4d420022 query_id:uint64 hash:bits256 = BeaconMessage;
*/
export function storeSetCatalogue({ queryId, hash }: { queryId: bigint; hash: Bytes }): Store {
	return (builder) =>
		builder
			.storeUint(BEACON_OPCODES.setCatalogue, 32)
			.storeUint(queryId, 64)
			.store(storeBytes(hash, 32));
}

export function loadSetCatalogue(slice: Slice): { queryId: bigint; hash: Bytes } {
	expectTag(slice, BEACON_OPCODES.setCatalogue, 'set_catalogue');
	const message = { queryId: slice.loadUintBig(64), hash: loadBytes(slice, 32) };
	slice.endParse();
	return message;
}

/*
set_owner#4d420023 query_id:uint64 owner:MsgAddressInt = BeaconMessage;
*/
export function storeSetOwner({ queryId, owner }: { queryId: bigint; owner: Address }): Store {
	return (builder) =>
		builder.storeUint(BEACON_OPCODES.setOwner, 32).storeUint(queryId, 64).storeAddress(owner);
}

export function loadSetOwner(slice: Slice): { queryId: bigint; owner: Address } {
	expectTag(slice, BEACON_OPCODES.setOwner, 'set_owner');
	const message = { queryId: slice.loadUintBig(64), owner: slice.loadAddress() };
	slice.endParse();
	return message;
}

/*
anchored#4d420030 head:Head = ExtOutMsgBody;
*/
export function storeAnchored(head: LogHead): Store {
	return (builder) => builder.storeUint(BEACON_OPCODES.anchored, 32).store(storeHead(head));
}

export function loadAnchored(slice: Slice): LogHead {
	expectTag(slice, BEACON_OPCODES.anchored, 'anchored');
	const head = loadHead(slice);
	slice.endParse();
	return head;
}

/*
excess#4d420031 query_id:uint64 = BeaconAnswer;
*/
export function storeExcess(queryId: bigint): Store {
	return (builder) => builder.storeUint(BEACON_OPCODES.excess, 32).storeUint(queryId, 64);
}

export function loadExcess(slice: Slice): { queryId: bigint } {
	expectTag(slice, BEACON_OPCODES.excess, 'excess');
	const queryId = slice.loadUintBig(64);
	slice.endParse();
	return { queryId };
}

export interface BeaconData {
	owner: Address;
	head: LogHead;
	/** SHA-256 of the catalogue, 32 bytes. */
	catalogue: Bytes;
}

/*
beacon$_ head:Head owner:MsgAddressInt catalogue:bits256 = BeaconStorage;
*/
export function storeBeaconData({ owner, head, catalogue }: BeaconData): Cell {
	return beginCell()
		.store(storeHead(head))
		.storeAddress(owner)
		.store(storeBytes(catalogue, 32))
		.endCell();
}

export function loadBeaconData(cell: Cell): BeaconData {
	const slice = cell.beginParse();
	const data = {
		head: loadHead(slice),
		owner: slice.loadAddress(),
		catalogue: loadBytes(slice, 32)
	};
	slice.endParse();
	return data;
}
