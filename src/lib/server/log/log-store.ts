import { DatabaseSync, type StatementSync } from 'node:sqlite';
import * as v from 'valibot';
import type { CompletedNode } from '../../log/growing-tree.ts';
import type { Bytes } from '../../protocol/bytes.ts';
import type { ReadNode } from '../../log/proof-making.ts';
import { HASH_BYTES } from '../../log/tree-hash.ts';

const BUSY_TIMEOUT_MS = 2_000;
/** Room for the upper levels of a large tree, which every proof reads. */
const CACHE_KIB = 32_768;
/** SQLite's default. */
const PAGE_BYTES = 4_096;
/** Levels and indexes of nodes share one 63-bit key. */
const INDEX_BITS = 53n;

const SCHEMA = `
	CREATE TABLE IF NOT EXISTS entries (
		idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE, entry TEXT NOT NULL
	);
	CREATE TABLE IF NOT EXISTS nodes (id INTEGER PRIMARY KEY, hash BLOB NOT NULL);
	CREATE TABLE IF NOT EXISTS head (only INTEGER PRIMARY KEY CHECK (only = 1), head TEXT NOT NULL);
`;

const indexRow = v.object({ idx: v.number() });
const entryRow = v.object({ entry: v.string() });
const headRow = v.object({ head: v.string() });

export interface NewEntry {
	leaf: Bytes;
	entry: string;
}

/**
 * The log on disk: entries, the hashes of all complete subtrees, the last signed head. What a
 * `transaction` has returned from survives a power cut, and nothing of one that did not.
 */
export class LogStore {
	readonly #db: DatabaseSync;
	readonly #prepared = new Map<string, StatementSync>();

	/** @param maxBytes where the file stops growing */
	constructor(file: string, maxBytes?: number) {
		this.#db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
		this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
		this.#db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
		if (maxBytes !== undefined) {
			this.#db.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)}`);
		}
		this.#db.exec(SCHEMA);
	}

	/** Runs `work` as one: all of it is kept, or nothing if it throws. */
	transaction<T>(work: () => T): T {
		// At once the only writer, so that what `work` reads is still so when it writes.
		this.#db.exec('BEGIN IMMEDIATE');
		try {
			const result = work();
			this.#db.exec('COMMIT');
			return result;
		} catch (error) {
			if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
			throw error;
		}
	}

	/** The last signed head (JWS), or `null` in a new log. */
	head(): string | null {
		const row = this.#statement('SELECT head FROM head').get();
		return row === undefined ? null : v.parse(headRow, row).head;
	}

	putHead(head: string): void {
		this.#statement('INSERT OR REPLACE INTO head (only, head) VALUES (1, ?)').run(head);
	}

	/** Adds an entry and the subtrees that it completes. */
	append({ leaf, entry }: NewEntry, completed: readonly CompletedNode[]): void {
		for (const { level, index, hash } of completed) {
			if (level === 0) {
				const sql = 'INSERT INTO entries (idx, leaf, entry) VALUES (?, ?, ?)';
				this.#statement(sql).run(index, leaf, entry);
			} else {
				const sql = 'INSERT INTO nodes (id, hash) VALUES (?, ?)';
				this.#statement(sql).run(nodeId(level, index), hash);
			}
		}
	}

	/** The number of the entry with this leaf hash, or `null`. */
	indexOf(leaf: Bytes): number | null {
		const row = this.#statement('SELECT idx FROM entries WHERE leaf = ?').get(leaf);
		return row === undefined ? null : v.parse(indexRow, row).idx;
	}

	/** How many entries there are. */
	count(): number {
		const row = this.#statement('SELECT max(idx) + 1 AS idx FROM entries').get();
		return v.parse(v.object({ idx: v.nullable(v.number()) }), row).idx ?? 0;
	}

	entries(from: number, count: number): string[] {
		const sql = 'SELECT entry FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?';
		return this.#statement(sql)
			.all(from, count)
			.map((row) => v.parse(entryRow, row).entry);
	}

	/** @throws Error if that subtree is not complete */
	readNode: ReadNode = (level, index) => {
		const row =
			level === 0
				? this.#statement('SELECT leaf AS hash FROM entries WHERE idx = ?').get(index)
				: this.#statement('SELECT hash FROM nodes WHERE id = ?').get(nodeId(level, index));
		const hash = row?.['hash'];
		// By hand: a proof reads twenty of them.
		if (hash instanceof Uint8Array && hash.length === HASH_BYTES) return Uint8Array.from(hash);
		throw new Error(`nodes: none at level ${level}, index ${index}`);
	};

	close(): void {
		this.#prepared.clear();
		this.#db.close();
	}

	#statement(sql: string): StatementSync {
		let statement = this.#prepared.get(sql);
		if (!statement) {
			statement = this.#db.prepare(sql);
			this.#prepared.set(sql, statement);
		}
		return statement;
	}
}

const nodeId = (level: number, index: number) => (BigInt(level) << INDEX_BITS) | BigInt(index);
