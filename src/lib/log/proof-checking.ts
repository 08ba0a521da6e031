/** Checks of proofs: RFC 9162, sections 2.1.3.2 and 2.1.4.2. Total, for sizes up to 2^53. */
import type { Bytes } from '../protocol/bytes.ts';
import { EMPTY_ROOT, isHash, isSameHash, nodeHash } from './tree-hash.ts';

const isOdd = (n: number) => n % 2 === 1;
const half = (n: number) => Math.floor(n / 2);
const isCount = (n: number) => Number.isSafeInteger(n) && n >= 0;

/** Whether the entry with this leaf hash is number `index` of the tree with this size and root. */
export function isIncluded(
	leaf: Bytes,
	index: number,
	size: number,
	proof: readonly Bytes[],
	root: Bytes
): boolean {
	if (!isCount(index) || !isCount(size) || index >= size) return false;
	if (![leaf, root, ...proof].every(isHash)) return false;
	let [fn, sn, hash] = [index, size - 1, leaf];
	for (const sibling of proof) {
		if (sn === 0) return false;
		if (isOdd(fn) || fn === sn) {
			hash = nodeHash(sibling, hash);
			while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
		} else {
			hash = nodeHash(hash, sibling);
		}
		[fn, sn] = [half(fn), half(sn)];
	}
	return sn === 0 && isSameHash(hash, root);
}

/** One of two trees: its size and its root. */
export interface TreeHead {
	size: number;
	root: Bytes;
}

/** Whether the older tree is the beginning of the newer one. */
export function isConsistent(older: TreeHead, newer: TreeHead, proof: readonly Bytes[]): boolean {
	if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
	if (![older.root, newer.root, ...proof].every(isHash)) return false;
	if (older.size === newer.size) return proof.length === 0 && isSameHash(older.root, newer.root);
	if (older.size === 0) return proof.length === 0 && isSameHash(older.root, EMPTY_ROOT);
	// A whole left subtree is its own proof, and its hash is known already.
	const isWhole = Number.isInteger(Math.log2(older.size));
	const [first, ...rest] = isWhole ? [older.root, ...proof] : proof;
	if (!first || proof.length === 0) return false;
	let [fn, sn] = [older.size - 1, newer.size - 1];
	while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
	let [olderHash, newerHash] = [first, first];
	for (const sibling of rest) {
		if (sn === 0) return false;
		if (isOdd(fn) || fn === sn) {
			olderHash = nodeHash(sibling, olderHash);
			newerHash = nodeHash(sibling, newerHash);
			while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
		} else {
			newerHash = nodeHash(newerHash, sibling);
		}
		[fn, sn] = [half(fn), half(sn)];
	}
	return sn === 0 && isSameHash(olderHash, older.root) && isSameHash(newerHash, newer.root);
}
