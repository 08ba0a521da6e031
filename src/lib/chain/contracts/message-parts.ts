import {
	beginCell,
	SendMode,
	type Builder,
	type Cell,
	type ContractProvider,
	type Sender,
	type Slice
} from '@ton/core';
import type { Bytes } from '../../protocol/bytes.ts';

/** What the messages and wrappers here share. */

export type Store = (builder: Builder) => void;

/** A message body of its own. */
export function toBody(store: Store): Cell {
	return beginCell().store(store).endCell();
}

/** @throws Error that names the tag which was found */
export function expectTag(slice: Slice, expected: number, what: string): void {
	const found = slice.loadUint(32);
	if (found === expected) return;
	throw new Error(`${what}: expected tag ${expected.toString(16)}, found ${found.toString(16)}`);
}

export function storeBytes(bytes: Uint8Array, length: number): Store {
	return (builder) => builder.storeBuffer(Buffer.from(bytes), length);
}

export function loadBytes(slice: Slice, length: number): Bytes {
	return new Uint8Array(slice.loadBuffer(length));
}

/** The bytes of a number from a get-method's stack. */
export function uintBytes(value: bigint, length: number): Bytes {
	return new Uint8Array(Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex'));
}

export interface SendOptions {
	/** What the message brings besides its delivery, which the sender pays. */
	valueNano: bigint;
	/** Comes back in an answer, if there is one. */
	queryId?: bigint;
}

/** Sends a bounceable message whose delivery the sender pays besides its value. */
export async function sendBody(
	provider: ContractProvider,
	via: Sender,
	options: SendOptions,
	body: Cell
): Promise<void> {
	await provider.internal(via, {
		value: options.valueNano,
		sendMode: SendMode.PAY_GAS_SEPARATELY,
		bounce: true,
		body
	});
}
