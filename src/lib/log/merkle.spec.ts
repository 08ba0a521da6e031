import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8, type Bytes } from '../protocol/bytes.ts';
import { GrowingTree } from './growing-tree.ts';
import { isConsistent, isIncluded } from './proof-checking.ts';
import { consistencyProof, inclusionProof, rootAt, type ReadNode } from './proof-making.ts';
import { leafHash, nodeHash } from './tree-hash.ts';

const hex = (text: string): Bytes => fromHex(text) ?? new Uint8Array();

/** The tree hash of RFC 9162, section 2.1.1, and nothing else. */
function naiveRoot(entries: Bytes[]): Bytes {
	if (entries.length <= 1) return entries[0] ? leafHash(entries[0]) : hex(EMPTY);
	let k = 1;
	while (k * 2 < entries.length) k *= 2;
	return nodeHash(naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k)));
}

/** A tree grown entry by entry, with its kept subtrees. */
function grow(entries: Bytes[]): { tree: GrowingTree; read: ReadNode } {
	const kept = new Map<string, Bytes>();
	const tree = GrowingTree.empty();
	for (const entry of entries) {
		for (const { level, index, hash } of tree.append(leafHash(entry))) {
			kept.set(`${level}/${index}`, hash);
		}
	}
	const read: ReadNode = (level, index) => {
		const hash = kept.get(`${level}/${index}`);
		if (!hash) throw new Error(`no node ${level}/${index}`);
		return hash;
	};
	return { tree, read };
}

const entriesOf = (count: number) => Array.from({ length: count }, (_, i) => utf8(`entry ${i}`));
const flipped = (bytes: Bytes, bit: number): Bytes =>
	bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** The published test vectors of Certificate Transparency (RFC 6962): entries and roots by size. */
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'].concat(
	'606162636465666768696a6b6c6d6e6f'
);
const ROOTS = [
	EMPTY,
	'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
	'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
	'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
	'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
	'4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
	'76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
	'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
	'5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'
];
const INCLUSION: [index: number, size: number, proof: string[]][] = [
	[0, 1, []],
	[
		0,
		8,
		[
			'96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
			'5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
			'6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4'
		]
	],
	[
		5,
		8,
		[
			'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
			'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
			'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'
		]
	],
	[2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
	[
		1,
		5,
		[
			'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
			'5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
			'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b'
		]
	]
];
const CONSISTENCY: [from: number, to: number, proof: string[]][] = [
	[1, 1, []],
	[
		1,
		8,
		[
			'96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
			'5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
			'6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4'
		]
	],
	[
		6,
		8,
		[
			'0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
			'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
			'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'
		]
	],
	[
		2,
		5,
		[
			'5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
			'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b'
		]
	]
];

describe('the published vectors of RFC 6962', () => {
	const { read } = grow(ENTRIES.map(hex));
	const rootOf = (size: number) => hex(ROOTS[size] ?? '');

	it.each(ROOTS.map((root, size) => ({ size, root })))('root of $size entries', (vector) => {
		const { tree } = grow(ENTRIES.slice(0, vector.size).map(hex));
		expect(toHex(tree.root)).toBe(vector.root);
		expect(toHex(rootAt(read, vector.size))).toBe(vector.root);
	});

	it.each(INCLUSION)('inclusion of %i in %i', (index, size, proof) => {
		expect(inclusionProof(read, index, size).map(toHex)).toEqual(proof);
		const leaf = leafHash(hex(ENTRIES[index] ?? ''));
		expect(isIncluded(leaf, index, size, proof.map(hex), rootOf(size))).toBe(true);
	});

	it.each(CONSISTENCY)('consistency from %i to %i', (from, to, proof) => {
		expect(consistencyProof(read, from, to).map(toHex)).toEqual(proof);
		const [older, newer] = [
			{ size: from, root: rootOf(from) },
			{ size: to, root: rootOf(to) }
		];
		expect(isConsistent(older, newer, proof.map(hex))).toBe(true);
	});
});

describe('a tree', () => {
	const MOST = 70;
	const entries = entriesOf(MOST);
	const { read } = grow(entries);

	it('has the root of the naive tree at every size, grown, read or reopened', () => {
		for (let size = 0; size <= MOST; size++) {
			const naive = toHex(naiveRoot(entries.slice(0, size)));
			expect(toHex(rootAt(read, size))).toBe(naive);
			expect(toHex(GrowingTree.at(size, read).root)).toBe(naive);
		}
	});

	it('goes on growing from any size as if it had never been closed', () => {
		for (let size = 0; size < MOST; size++) {
			const tree = GrowingTree.at(size, read);
			const copy = tree.copy();
			entries.slice(size).forEach((entry) => tree.append(leafHash(entry)));
			expect(toHex(tree.root)).toBe(toHex(naiveRoot(entries)));
			expect([copy.size, toHex(copy.root)]).toEqual([size, toHex(rootAt(read, size))]);
		}
	});

	it('proves every entry at every size, and no proof is longer than it must be', () => {
		for (let size = 1; size <= MOST; size++) {
			const root = rootAt(read, size);
			for (let index = 0; index < size; index++) {
				const proof = inclusionProof(read, index, size);
				const leaf = leafHash(entries[index] ?? new Uint8Array());
				expect(isIncluded(leaf, index, size, proof, root)).toBe(true);
				expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
			}
		}
	});

	it('proves its growth between any two sizes', () => {
		for (let to = 0; to <= MOST; to++) {
			const newer = { size: to, root: rootAt(read, to) };
			for (let from = 0; from <= to; from++) {
				const older = { size: from, root: rootAt(read, from) };
				expect(isConsistent(older, newer, consistencyProof(read, from, to))).toBe(true);
			}
		}
	});

	it('proves nothing for another index, size, entry or root, or with more or fewer hashes', () => {
		const size = fc.integer({ min: 1, max: MOST });
		const wrong = fc.integer({ min: 0, max: MOST + 1 });
		fc.assert(
			fc.property(size, wrong, wrong, fc.nat(), (n, otherIndex, otherSize, pick) => {
				const index = pick % n;
				const root = rootAt(read, n);
				const proof = inclusionProof(read, index, n);
				const leaf = leafHash(entries[index] ?? new Uint8Array());
				const holds = (i: number, s: number, p = proof, r = root, l = leaf) =>
					isIncluded(l, i, s, p, r);
				if (otherIndex !== index) expect(holds(otherIndex, n)).toBe(false);
				// The same path can fit two sizes; only the root of the right size is ever signed.
				if (otherSize !== n && otherSize <= MOST) {
					expect(holds(index, otherSize, proof, rootAt(read, otherSize))).toBe(false);
				}
				expect(holds(index, n, [...proof, root])).toBe(false);
				expect(holds(index, n, [root, ...proof])).toBe(false);
				if (proof.length > 0) expect(holds(index, n, proof.slice(1))).toBe(false);
				if (proof.length > 0) expect(holds(index, n, proof.slice(0, -1))).toBe(false);
				expect(holds(index, n, proof, root, leafHash(utf8('another')))).toBe(false);
			})
		);
	});

	it('proves no growth from another past', () => {
		const pair = fc
			.tuple(fc.integer({ min: 1, max: MOST }), fc.integer({ min: 1, max: MOST }))
			.map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
		fc.assert(
			fc.property(pair, fc.nat(), ([from, to], pick) => {
				const changed = entries.map((entry, i) => (i === pick % from ? utf8('rewritten') : entry));
				const other = grow(changed.slice(0, to)).read;
				const older = { size: from, root: rootAt(read, from) };
				const newer = { size: to, root: rootAt(other, to) };
				expect(isConsistent(older, newer, consistencyProof(other, from, to))).toBe(false);
				expect(isConsistent(older, newer, consistencyProof(read, from, to))).toBe(false);
				const honest = { size: to, root: rootAt(read, to) };
				const proof = consistencyProof(read, from, to);
				expect(isConsistent(older, honest, [...proof, newer.root])).toBe(false);
				expect(isConsistent(honest, older, proof)).toBe(from === to);
				if (proof.length > 0) expect(isConsistent(older, honest, proof.slice(1))).toBe(false);
			})
		);
	});

	it('proves nothing after any change of a single bit', () => {
		const [index, from, size] = [37, 41, MOST];
		const leaf = leafHash(entries[index] ?? new Uint8Array());
		const older = { size: from, root: rootAt(read, from) };
		const newer = { size, root: rootAt(read, size) };
		const inclusion = inclusionProof(read, index, size);
		const consistency = consistencyProof(read, from, size);
		const flips = (proof: Bytes[]) =>
			proof.flatMap((_, at) =>
				Array.from({ length: 256 }, (_, bit) =>
					proof.map((hash, i) => (i === at ? flipped(hash, bit) : hash))
				)
			);
		for (const changed of flips([leaf, newer.root, ...inclusion])) {
			const [l, r, ...proof] = changed as [Bytes, Bytes, ...Bytes[]];
			expect(isIncluded(l, index, size, proof, r)).toBe(false);
		}
		for (const changed of flips([older.root, newer.root, ...consistency])) {
			const [o, n, ...proof] = changed as [Bytes, Bytes, ...Bytes[]];
			expect(isConsistent({ ...older, root: o }, { ...newer, root: n }, proof)).toBe(false);
		}
		// A size is bound to its root by the head's signature: some paths fit several sizes.
		for (let bit = 0; bit < 31; bit++) {
			expect(isIncluded(leaf, index ^ (1 << bit), size, inclusion, newer.root)).toBe(false);
		}
	});

	it('can be checked far beyond 32 bits', () => {
		// A tree of 2^40 + 1 entries in which every complete subtree of a level looks the same.
		const levels: Bytes[] = [leafHash(utf8('x'))];
		for (let level = 1; level <= 41; level++) {
			const below = levels[level - 1] ?? new Uint8Array();
			levels.push(nodeHash(below, below));
		}
		const same: ReadNode = (level) => levels[level] ?? new Uint8Array();
		const size = 2 ** 40 + 1;
		const root = rootAt(same, size);
		for (const index of [0, 2 ** 33 + 5, 2 ** 40]) {
			const proof = inclusionProof(same, index, size);
			expect(isIncluded(same(0, 0), index, size, proof, root)).toBe(true);
			expect(isIncluded(same(0, 0), index, size, proof.slice(1), root)).toBe(false);
		}
		const [from, older] = [2 ** 35 + 3, rootAt(same, 2 ** 35 + 3)];
		const proof = consistencyProof(same, from, size);
		expect(isConsistent({ size: from, root: older }, { size, root }, proof)).toBe(true);
	});

	it.each([NaN, -1, 0.5, Infinity, 2 ** 53])('gives false for an index or size of %d', (odd) => {
		const root = rootAt(read, 8);
		expect(isIncluded(root, odd, 8, [], root)).toBe(false);
		expect(isIncluded(root, 0, odd, [], root)).toBe(false);
		expect(isConsistent({ size: odd, root }, { size: 8, root }, [])).toBe(false);
		expect(isConsistent({ size: 8, root }, { size: odd, root }, [])).toBe(false);
		expect(() => inclusionProof(read, odd, 8)).toThrow(RangeError);
		expect(() => consistencyProof(read, odd, 8)).toThrow(RangeError);
	});
});
