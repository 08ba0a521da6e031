import { GrowingTree } from '../../log/growing-tree.ts';
import { readHead, verifyHead, type SignedHead } from '../../log/head.ts';
import { consistencyProof, inclusionProof } from '../../log/proof-making.ts';
import { isSameHash, leafHash } from '../../log/tree-hash.ts';
import { toBase64Url, utf8, type Bytes } from '../../protocol/bytes.ts';
import { LogKey } from './log-key.ts';
import { LogStore, type NewEntry } from './log-store.ts';

/** Entries of one transaction: more would hold the process up for too long at once. */
const MAX_BATCH = 256;
/** The process gets this long between two transactions for everything else. */
const PAUSE_MS = 5;
/** More than this many waiting means that the disk does not keep up. */
const MAX_WAITING = 10_000;

export interface Added {
	index: number;
	/** A head whose tree has the entry. */
	head: SignedHead;
	/** False if it was there before. */
	isNew: boolean;
}

export interface ReceiptLogOptions {
	file: string;
	keyFile: string;
	/** Where the file stops growing; entries are then refused. */
	maxBytes?: number;
	nowMs?: () => number;
}

interface Waiting extends NewEntry {
	resolve: (added: Added) => void;
	reject: (error: unknown) => void;
}

/** The log cannot be used just now: its disk is full or too slow, or the process ends. */
export class LogUnavailable extends Error {
	override readonly name = 'LogUnavailable';
}

/**
 * The append-only log of one coordinator. Entries that come at about the same time share one durable
 * transaction and one signed head.
 */
export class ReceiptLog {
	readonly #store: LogStore;
	readonly #key: LogKey;
	readonly #nowMs: () => number;
	#tree: GrowingTree;
	#head: SignedHead;
	#waiting: Waiting[] = [];
	#timer: ReturnType<typeof setTimeout> | undefined;
	#isClosed = false;

	private constructor(store: LogStore, key: LogKey, head: SignedHead, nowMs: () => number) {
		this.#store = store;
		this.#key = key;
		this.#nowMs = nowMs;
		this.#head = head;
		this.#tree = treeOf(store, head);
	}

	/**
	 * Opens the log, or begins one where there is none.
	 *
	 * @throws Error if the files do not fit each other: such a log must not go on
	 */
	static async open(options: ReceiptLogOptions): Promise<ReceiptLog> {
		const { file, keyFile, maxBytes, nowMs = Date.now } = options;
		const store = new LogStore(file, maxBytes);
		try {
			// A lost key must not be replaced: to everybody who saw a head it would be another log.
			const key = store.head() === null ? LogKey.readOrMake(keyFile) : LogKey.read(keyFile);
			const text = store.transaction(() => store.head() ?? firstHead(store, key, nowMs()));
			const head = await verifyHead(text);
			if (!head.ok) throw new Error(`head: ${head.reason}`);
			if (head.value.key !== key.publicKey) throw new Error(`${keyFile}: not the key of this log`);
			return new ReceiptLog(store, key, head.value, nowMs);
		} catch (error) {
			store.close();
			const reason = error instanceof Error ? error.message : String(error);
			throw new Error(`The log in ${file} cannot be used: ${reason}`, { cause: error });
		}
	}

	/** The log's public key, base64url. */
	get key(): string {
		return this.#key.publicKey;
	}

	/** The newest head. */
	get head(): SignedHead {
		return this.#head;
	}

	/**
	 * Adds an entry whose signature was checked; resolves when it can no longer be lost.
	 *
	 * @throws {LogUnavailable}
	 */
	add(entry: string): Promise<Added> {
		if (this.#isClosed || this.#waiting.length >= MAX_WAITING) {
			return Promise.reject(new LogUnavailable('the log does not take entries just now'));
		}
		return new Promise((resolve, reject) => {
			this.#waiting.push({ leaf: leafHash(utf8(entry)), entry, resolve, reject });
			this.#timer ??= setTimeout(() => this.#commit(), 0);
		});
	}

	/** The number of the entry with this leaf hash, or `null`. @throws {LogUnavailable} */
	indexOf(leaf: Bytes): number | null {
		return this.#open.indexOf(leaf);
	}

	/** @throws RangeError unless index < size ≤ the head's size; {@link LogUnavailable} */
	inclusion(index: number, size: number): Bytes[] {
		this.#expectSize(size);
		return inclusionProof(this.#open.readNode, index, size);
	}

	/** @throws RangeError unless from ≤ to ≤ the head's size; {@link LogUnavailable} */
	consistency(from: number, to: number): Bytes[] {
		this.#expectSize(to);
		return consistencyProof(this.#open.readNode, from, to);
	}

	/** @throws {LogUnavailable} */
	entries(from: number, count: number): string[] {
		return this.#open.entries(from, count);
	}

	/** Adds what still waits, then closes the files. */
	close(): void {
		if (this.#isClosed) return;
		while (this.#waiting.length > 0) this.#commit();
		clearTimeout(this.#timer);
		this.#isClosed = true;
		this.#store.close();
	}

	get #open(): LogStore {
		if (this.#isClosed) throw new LogUnavailable('the log is closed');
		return this.#store;
	}

	#expectSize(size: number): void {
		if (size <= this.#head.size) return;
		throw new RangeError(`size: expected at most ${this.#head.size}, came ${size}`);
	}

	#commit(): void {
		clearTimeout(this.#timer);
		const batch = this.#waiting.splice(0, MAX_BATCH);
		try {
			const added = this.#store.transaction(() => this.#append(batch));
			this.#tree = added.tree;
			this.#head = added.head;
			batch.forEach(({ resolve }, at) => {
				const { index = 0, isNew = false } = added.places[at] ?? {};
				resolve({ index, isNew, head: added.head });
			});
		} catch (error) {
			const failure = new LogUnavailable('the log could not be written', { cause: error });
			batch.forEach(({ reject }) => reject(failure));
		}
		this.#timer = this.#waiting.length > 0 ? setTimeout(() => this.#commit(), PAUSE_MS) : undefined;
	}

	/** Inside a transaction; changes nothing of this object, in case that the transaction fails. */
	#append(batch: readonly NewEntry[]) {
		// Another process may have the same files open: what it added comes first.
		const { tree, head } = this.#current();
		const places = batch.map(({ leaf, entry }) => {
			const known = this.#store.indexOf(leaf);
			if (known !== null) return { index: known, isNew: false };
			const index = tree.size;
			this.#store.append({ leaf, entry }, tree.append(leaf));
			return { index, isNew: true };
		});
		if (tree.size === head.size) return { tree, head, places };
		return { tree, places, head: this.#signHead(tree, head.time) };
	}

	#current(): { tree: GrowingTree; head: SignedHead } {
		const text = this.#store.head();
		if (text === this.#head.text) return { tree: this.#tree.copy(), head: this.#head };
		const head = readHead(text);
		if (!head) throw new Error('head: expected a signed head');
		return { tree: treeOf(this.#store, head), head };
	}

	#signHead(tree: GrowingTree, lastTime: number): SignedHead {
		// A larger tree is a later one, also when the clock was set back.
		const head = signHead(this.#key, tree, Math.max(lastTime + 1, this.#nowMs()));
		this.#store.putHead(head.text);
		return head;
	}
}

function signHead(key: LogKey, { size, root }: GrowingTree, time: number): SignedHead {
	const text = key.sign({ size, root: toBase64Url(root), time });
	return { text, key: key.publicKey, size, root, time };
}

function firstHead(store: LogStore, key: LogKey, time: number): string {
	const { text } = signHead(key, GrowingTree.empty(), time);
	store.putHead(text);
	return text;
}

/** The tree of a head, from the kept subtrees. @throws Error if it is another tree */
function treeOf(store: LogStore, { size, root }: SignedHead): GrowingTree {
	const count = store.count();
	if (count !== size) throw new Error(`entries: expected ${size}, found ${count}`);
	const tree = GrowingTree.at(size, store.readNode);
	if (!isSameHash(tree.root, root)) throw new Error('nodes: they do not make the signed root');
	return tree;
}
