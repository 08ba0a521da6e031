/** The hashes of RFC 9162, section 2.1.1 (the same as in RFC 6962): SHA-256 with a prefix. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, equalBytes, type Bytes } from '../protocol/bytes.ts';

const LEAF_PREFIX = new Uint8Array([0]);
const NODE_PREFIX = new Uint8Array([1]);
export const HASH_BYTES = 32;

/** The root of the tree without entries: SHA-256 of nothing. */
export const EMPTY_ROOT: Bytes = Uint8Array.from(sha256(new Uint8Array()));

/** The hash of an entry, by which it is known in the tree. */
export function leafHash(entry: Uint8Array): Bytes {
	return Uint8Array.from(sha256(concat(LEAF_PREFIX, entry)));
}

/** The hash of a node over its two children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
	return Uint8Array.from(sha256(concat(NODE_PREFIX, left, right)));
}

export const isHash = (bytes: Uint8Array | null | undefined): bytes is Bytes =>
	bytes?.length === HASH_BYTES;

export const isSameHash = equalBytes;
