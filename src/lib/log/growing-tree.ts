import type { Bytes } from '../protocol/bytes.ts';
import type { ReadNode } from './proof-making.ts';
import { EMPTY_ROOT, nodeHash } from './tree-hash.ts';

/** A subtree that an appended entry completed; level 0 are the leaves themselves. */
export interface CompletedNode {
	level: number;
	index: number;
	hash: Bytes;
}

/** The right edge of a tree: all that is needed to append to it and to know its root. */
export class GrowingTree {
	#size: number;
	/** The complete subtrees that make it up, from the largest to the smallest. */
	#peaks: Bytes[];

	private constructor(size: number, peaks: Bytes[]) {
		this.#size = size;
		this.#peaks = peaks;
	}

	static empty(): GrowingTree {
		return new GrowingTree(0, []);
	}

	/** The tree of the first `size` entries, from its kept subtrees. */
	static at(size: number, read: ReadNode): GrowingTree {
		const peaks: Bytes[] = [];
		let start = 0;
		for (let level = Math.floor(Math.log2(Math.max(1, size))); level >= 0; level--) {
			const width = 2 ** level;
			if (start + width > size) continue;
			peaks.push(read(level, start / width));
			start += width;
		}
		return new GrowingTree(size, peaks);
	}

	get size(): number {
		return this.#size;
	}

	/** The root over all entries. */
	get root(): Bytes {
		return this.#peaks.length === 0
			? EMPTY_ROOT
			: this.#peaks.reduceRight((right, left) => nodeHash(left, right));
	}

	/** A tree that grows on its own from here. */
	copy(): GrowingTree {
		return new GrowingTree(this.#size, [...this.#peaks]);
	}

	/** Appends an entry by its leaf hash. @returns the subtrees that are complete now, leaf first */
	append(leaf: Bytes): CompletedNode[] {
		const completed: CompletedNode[] = [{ level: 0, index: this.#size, hash: leaf }];
		let [index, hash] = [this.#size, leaf];
		for (let level = 1; index % 2 === 1; level++) {
			const left = this.#peaks.pop();
			if (!left) throw new Error(`peaks: expected one at level ${level - 1}`);
			hash = nodeHash(left, hash);
			index = (index - 1) / 2;
			completed.push({ level, index, hash });
		}
		this.#peaks.push(hash);
		this.#size++;
		return completed;
	}
}
