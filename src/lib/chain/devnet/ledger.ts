import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { StoredHead } from './block-clock.ts';

/** A transaction as it is stored and answered; addresses in raw form, hashes in hex. */
export interface LedgerTransaction {
	address: string;
	lt: bigint;
	hash: string;
	seqno: number;
	utime: number;
	/** The transaction's BoC in base64. */
	boc: string;
}

export interface NewTransaction extends LedgerTransaction {
	/** Who sent the message that it answers; `null` for a message from outside. */
	source: string | null;
	/** When that message was made. */
	createdLt: bigint | null;
}

export interface QueuedMessage {
	id: number;
	/** The message's BoC in base64. */
	boc: string;
}

/** A message that makes the emulator itself fail may be to blame, or may not. */
const MAX_ATTEMPTS = 2;
const BUSY_TIMEOUT_MS = 5_000;

const SCHEMA = `
	CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS accounts (address TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS transactions (
		address TEXT NOT NULL, lt INTEGER NOT NULL, hash TEXT NOT NULL, seqno INTEGER NOT NULL,
		utime INTEGER NOT NULL, source TEXT, created_lt INTEGER, boc TEXT NOT NULL,
		PRIMARY KEY (address, lt)
	) WITHOUT ROWID;
	CREATE INDEX IF NOT EXISTS transactions_by_block ON transactions (seqno, lt);
	CREATE INDEX IF NOT EXISTS transactions_by_age ON transactions (lt);
	CREATE TABLE IF NOT EXISTS queue (
		id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL, boc TEXT NOT NULL,
		attempts INTEGER NOT NULL DEFAULT 0
	);
	CREATE INDEX IF NOT EXISTS queue_by_hash ON queue (hash);
`;

/**
 * The local chain's only state: accounts, transactions, and messages that no block has yet. What is in
 * the file is the chain; nothing is kept in memory, so a process may die at any moment, and several may
 * share a file. A block is one SQL transaction: it is there as a whole or not at all.
 */
export class Ledger {
	readonly #db: DatabaseSync;
	readonly #prepared = new Map<string, StatementSync>();

	constructor(file: string) {
		mkdirSync(dirname(file), { recursive: true });
		this.#db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
		// Killing the process loses nothing; a power cut may lose the last blocks, and never breaks the file.
		this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
		this.#db.exec(SCHEMA);
	}

	/** Runs `work` in one SQL transaction, so that all of it happens or none. */
	async atomically<T>(work: () => Promise<T>): Promise<T> {
		this.#db.exec('BEGIN IMMEDIATE');
		try {
			const result = await work();
			this.#db.exec('COMMIT');
			return result;
		} catch (error) {
			this.#db.exec('ROLLBACK');
			throw error;
		}
	}

	meta(key: string): string | null {
		return text(this.#get('SELECT value FROM meta WHERE key = ?', key)?.['value']);
	}

	setMeta(key: string, value: string): void {
		this.#run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', key, value);
	}

	/** The newest block that was stored. */
	head(): StoredHead | null {
		const stored = this.meta('head');
		return stored === null ? null : (JSON.parse(stored) as StoredHead);
	}

	/** The account's state as base64 of a `ShardAccount`, or `null` where nothing ever came. */
	account(address: string): string | null {
		return text(this.#get('SELECT state FROM accounts WHERE address = ?', address)?.['state']);
	}

	setAccount(address: string, state: string): void {
		this.#run('INSERT OR REPLACE INTO accounts (address, state) VALUES (?, ?)', address, state);
	}

	addTransaction(tx: NewTransaction): void {
		const { address, lt, hash, seqno, utime, source, createdLt, boc } = tx;
		this.#run(
			'INSERT INTO transactions (address, lt, hash, seqno, utime, source, created_lt, boc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
			...[address, lt, hash, seqno, utime, source, createdLt, boc]
		);
	}

	/** Newest first, from `toLt` (inclusive) down to above `afterLt`. */
	transactions(address: string, toLt: bigint, afterLt: bigint, limit: number): LedgerTransaction[] {
		return this.#all(
			'SELECT * FROM transactions WHERE address = ? AND lt <= ? AND lt > ? ORDER BY lt DESC LIMIT ?',
			...[address, toLt, afterLt, limit]
		);
	}

	/** The transaction of `address` that a message from `source` led to. */
	causedBy(address: string, source: string, createdLt: bigint): LedgerTransaction | null {
		const [found] = this.#all(
			'SELECT * FROM transactions WHERE address = ? AND source = ? AND created_lt = ?',
			...[address, source, createdLt]
		);
		return found ?? null;
	}

	/** In the order in which they happened. */
	ofBlock(seqno: number, workchain: number, limit: number): LedgerTransaction[] {
		return this.#all(
			"SELECT * FROM transactions WHERE seqno = ? AND address LIKE ? || ':%' ORDER BY lt LIMIT ?",
			...[seqno, String(workchain), limit]
		);
	}

	forgetTransactionsBefore(lt: bigint): void {
		this.#run('DELETE FROM transactions WHERE lt < ?', lt);
	}

	enqueue(hash: string, boc: string): void {
		this.#run('INSERT INTO queue (hash, boc) VALUES (?, ?)', hash, boc);
	}

	isQueued(hash: string): boolean {
		return this.#get('SELECT 1 AS found FROM queue WHERE hash = ?', hash) !== undefined;
	}

	queueLength(): number {
		return Number(this.#get('SELECT count(*) AS n FROM queue')?.['n'] ?? 0);
	}

	nextQueued(): QueuedMessage | null {
		const row = this.#get('SELECT id, boc FROM queue ORDER BY id LIMIT 1');
		return row ? { id: Number(row['id']), boc: String(row['boc']) } : null;
	}

	dequeue(id: number): void {
		this.#run('DELETE FROM queue WHERE id = ?', id);
	}

	/** Notes that the emulator failed on a message, and drops the message when that happened too often. */
	blame(id: number): void {
		this.#run('UPDATE queue SET attempts = attempts + 1 WHERE id = ?', id);
		this.#run('DELETE FROM queue WHERE id = ? AND attempts >= ?', id, MAX_ATTEMPTS);
	}

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

	#run(sql: string, ...values: SqlValue[]): void {
		this.#statement(sql).run(...values);
	}

	#get(sql: string, ...values: SqlValue[]): Record<string, unknown> | undefined {
		return this.#statement(sql).get(...values);
	}

	#all(sql: string, ...values: SqlValue[]): LedgerTransaction[] {
		const rows: Record<string, unknown>[] = this.#statement(sql).all(...values);
		return rows.map((row) => ({
			address: String(row['address']),
			lt: BigInt(Number(row['lt'])),
			hash: String(row['hash']),
			seqno: Number(row['seqno']),
			utime: Number(row['utime']),
			boc: String(row['boc'])
		}));
	}
}

type SqlValue = string | number | bigint | null;

function text(value: unknown): string | null {
	return typeof value === 'string' ? value : null;
}
