/**
 * Proofs from a tree whose complete subtrees are kept: RFC 9162, sections 2.1.3.1 and 2.1.4.1,
 * written as there. Sizes are exact up to 2^53.
 */
import type { Bytes } from '../protocol/bytes.ts';
import { EMPTY_ROOT, nodeHash } from './tree-hash.ts';

/**
 * The kept hash of a complete subtree: the entries from `index · 2^level`, 2^level of them. Level 0
 * are the leaves.
 */
export type ReadNode = (level: number, index: number) => Bytes;

/** The largest power of two below `n`, for n > 1. */
function splitAt(n: number): number {
	let k = 1;
	while (k * 2 < n) k *= 2;
	return k;
}

/** The hash over the entries from `start` to before `end`. */
function rangeHash(read: ReadNode, start: number, end: number): Bytes {
	const size = end - start;
	const level = Math.log2(size);
	if (Number.isInteger(level)) return read(level, start / size);
	const k = splitAt(size);
	return nodeHash(rangeHash(read, start, start + k), rangeHash(read, start + k, end));
}

/** The root of the first `size` entries. */
export function rootAt(read: ReadNode, size: number): Bytes {
	return size === 0 ? EMPTY_ROOT : rangeHash(read, 0, size);
}

/**
 * The path from entry `index` to the root of the first `size` entries.
 *
 * @throws RangeError unless 0 ≤ index < size
 */
export function inclusionProof(read: ReadNode, index: number, size: number): Bytes[] {
	if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
		throw new RangeError(`index: expected 0 to ${size - 1}, came ${index}`);
	}
	const path = (start: number, end: number): Bytes[] => {
		if (end - start === 1) return [];
		const middle = start + splitAt(end - start);
		return index < middle
			? [...path(start, middle), rangeHash(read, middle, end)]
			: [...path(middle, end), rangeHash(read, start, middle)];
	};
	return path(0, size);
}

/**
 * The proof that the tree of `from` entries is the beginning of that of `to`. Empty where it has
 * nothing to prove: from no entries, or to the same.
 *
 * @throws RangeError unless 0 ≤ from ≤ to
 */
export function consistencyProof(read: ReadNode, from: number, to: number): Bytes[] {
	if (!Number.isSafeInteger(from) || from < 0 || from > to) {
		throw new RangeError(`from: expected 0 to ${to}, came ${from}`);
	}
	if (from === 0 || from === to) return [];
	const subproof = (start: number, end: number, isWhole: boolean): Bytes[] => {
		if (from === end) return isWhole ? [] : [rangeHash(read, start, end)];
		const middle = start + splitAt(end - start);
		return from <= middle
			? [...subproof(start, middle, isWhole), rangeHash(read, middle, end)]
			: [...subproof(middle, end, false), rangeHash(read, start, middle)];
	};
	return subproof(0, to, true);
}
