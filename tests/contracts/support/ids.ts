import { beginCell, Dictionary, type Cell } from '@ton/core';
import type { Bytes } from '../../../src/lib/protocol/bytes.ts';
import { hashOf } from './keys.ts';

const NOTHING = { serialize: () => undefined, parse: (): true => true };

/** The set of these ids as a purse stores it. */
export function idSet(ids: Iterable<bigint>): Cell | null {
	const set = Dictionary.empty(Dictionary.Keys.BigUint(256), NOTHING);
	for (const id of ids) set.set(id, true);
	if (set.size === 0) return null;
	return beginCell().storeDictDirect(set).endCell();
}

export const idNumber = (id: Bytes): bigint => BigInt(`0x${Buffer.from(id).toString('hex')}`);

export function* someIds(count: number, name = 'id'): Generator<bigint> {
	for (let number = 0; number < count; number++) yield idNumber(hashOf(`${name} ${number}`));
}

/** Ids that put `id` under `levels` forks, as grinding them would: each parts from it one bit later. */
export function* idsAround(id: Bytes, levels: number): Generator<bigint> {
	for (let level = 0; level < levels; level++) yield idNumber(id) ^ (1n << BigInt(255 - level));
}

/** Distinct cells and their bits below and including this one. */
export function sizeOf(root: Cell): { cells: number; bits: number } {
	const seen = new Set<string>();
	const waiting = [root];
	let bits = 0;
	for (let cell = waiting.pop(); cell; cell = waiting.pop()) {
		const hash = cell.hash().toString('base64');
		if (seen.has(hash)) continue;
		seen.add(hash);
		bits += cell.bits.length;
		waiting.push(...cell.refs);
	}
	return { cells: seen.size, bits };
}
