import {
	beginCell,
	Cell,
	contractAddress,
	external,
	storeMessage,
	type Address,
	type StateInit
} from '@ton/core';
import { runTolkCompiler } from '@ton/tolk-js';

/**
 * A contract for tests: it takes each ticket (any cell) from outside once, and pays nobody. `is_redeemed` is a
 * purse's; the other get-methods return values of every type.
 */
const SOURCE = `
import "@stdlib/gas-payments"
@pure fun globalIdOf(): int asm "GLOBALID"

struct Storage {
	salt: uint32
	seen: map<uint256, bool>
}

fun onInternalMessage(in: InMessage) {}

fun onExternalMessage(body: slice) {
	val id = body.loadRef().hash();
	var storage = Storage.fromCell(contract.getData());
	assert (!storage.seen.exists(id)) throw 409;
	acceptExternalMessage();
	storage.seen.set(id, true);
	contract.setData(storage.toCell());
}

get fun is_redeemed(id: uint256): bool {
	return Storage.fromCell(contract.getData()).seen.exists(id);
}

get fun global_id(): int {
	return globalIdOf();
}

get fun values(): (int, int, cell, slice, cell?, [int, [int, cell]]) {
	val leaf = beginCell().storeUint(7, 8).endCell();
	return (5, -6, leaf, leaf.beginParse(), null, [1, [-2, leaf]]);
}

get fun echo(number: int, one: cell, other: slice): (int, cell, slice) {
	return (number, one, other);
}

get fun for_ever(): int {
	var i = 0;
	while (i >= 0) { i += 1; }
	return i;
}
`;

export interface Probe {
	address: Address;
	init: StateInit & { code: Cell; data: Cell };
}

/** @param salt another probe for each */
export async function compileProbe(salt: number): Promise<Probe> {
	const result = await runTolkCompiler({
		entrypointFileName: 'probe.tolk',
		fsReadCallback: () => SOURCE
	});
	if (result.status === 'error') throw new Error(result.message);
	const init = {
		code: Cell.fromBase64(result.codeBoc64),
		data: beginCell().storeUint(salt, 32).storeBit(false).endCell()
	};
	return { address: contractAddress(0, init), init };
}

/** The cell that stands for a ticket; its hash is the ticket's id. */
export function probeTicket(number: bigint): { cell: Cell; id: bigint; hex: string } {
	const cell = beginCell().storeUint(number, 256).endCell();
	const hex = cell.hash().toString('hex');
	return { cell, id: BigInt(`0x${hex}`), hex };
}

/** The body that redeems a ticket. */
export function probeBody(number: bigint): Cell {
	return beginCell().storeRef(probeTicket(number).cell).endCell();
}

/** The message from outside that redeems a ticket; the first one brings the probe's code along. */
export function probeMessage(probe: Probe, number: bigint, isFirst = false): Cell {
	const init = isFirst ? probe.init : null;
	const message = external({ to: probe.address, init, body: probeBody(number) });
	return beginCell().store(storeMessage(message)).endCell();
}

/** A message from outside with one cell in the other, so many times. */
export function deepMessage(to: Address, depth: number): Cell {
	let body = Cell.EMPTY;
	for (let n = 0; n < depth; n++) body = beginCell().storeUint(n, 16).storeRef(body).endCell();
	return beginCell()
		.store(storeMessage(external({ to, body })))
		.endCell();
}
