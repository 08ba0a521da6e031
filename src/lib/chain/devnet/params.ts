import { Address, Cell } from '@ton/core';
import { RpcFailure } from './rpc-failure.ts';

/** What `rpc.ts` could only check by its letters. Each throws an {@link RpcFailure} that names the field. */

export const MAX_LT = 2n ** 63n - 1n;
/** The network allows 512; the emulator's stack overflows between 400 and 450. */
const MAX_CELL_DEPTH = 300;

export function readAddress(text: string, field = 'address'): Address {
	try {
		return Address.parse(text);
	} catch {
		throw new RpcFailure(422, `${field}: expected a raw or user-friendly address`);
	}
}

export function readLt(text: string, field: string): bigint {
	const lt = BigInt(text);
	if (lt <= MAX_LT) return lt;
	throw new RpcFailure(422, `${field}: expected a logical time below 2^63`);
}

export function readCell(base64: string, field: string): Cell {
	const root = rootOf(base64);
	if (!root) throw new RpcFailure(422, `${field}: expected a BoC of one root cell in base64`);
	if (root.depth() <= MAX_CELL_DEPTH) return root;
	throw new RpcFailure(422, `${field}: expected cells up to ${MAX_CELL_DEPTH} deep`);
}

function rootOf(base64: string): Cell | null {
	try {
		const [root, ...more] = Cell.fromBoc(Buffer.from(base64, 'base64'));
		return root && more.length === 0 ? root : null;
	} catch {
		return null;
	}
}
