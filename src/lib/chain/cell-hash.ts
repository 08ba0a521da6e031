import { concat, sha256, type Bytes } from '../protocol/bytes.ts';
import type { BitWriter } from './bit-writer.ts';

/**
 * Hashes of TON cells, the few that tickets need, on WebCrypto and without `@ton/core`.
 * Source: the cell's standard representation, docs.ton.org, "Cells": two descriptor bytes, the
 * data, then depth and hash of each child.
 */
export async function cellHash(data: BitWriter, child?: Child): Promise<Bytes> {
	const bits = data.bitLength;
	const descriptors = Uint8Array.of(
		child === undefined ? 0 : 1,
		Math.floor(bits / 8) + Math.ceil(bits / 8)
	);
	return sha256(
		child === undefined
			? concat(descriptors, data.padded())
			: concat(descriptors, data.padded(), Uint8Array.of(0, child.depth), child.hash)
	);
}

export interface Child {
	hash: Bytes;
	/** Cells on the longest way down; 0 for a cell without children. At most 255 here. */
	depth: number;
}

/** The hash of a cell that holds these bytes and nothing else; at most 127 of them. */
export async function bytesCellHash(...parts: Uint8Array[]): Promise<Bytes> {
	const data = concat(...parts);
	if (data.length > 127) throw new RangeError(`cell: expected 127 bytes, found ${data.length}`);
	return sha256(concat(Uint8Array.of(0, data.length * 2), data));
}
