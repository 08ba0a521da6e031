import { DatabaseSync, type StatementSync } from 'node:sqlite';
import * as v from 'valibot';

/** A message as it is kept. */
export interface KeptMessage {
	/** Of the message's root cell, in hex. */
	hash: string;
	/** The very message, as base64 of a BoC. */
	boc: string;
	/** The contract that it is for, in raw form. */
	purse: string;
	/** The id of the ticket that it redeems, in hex, if that was told. */
	ticket: string | null;
	/** Unix milliseconds; after it the message is worth nothing. */
	expires: number;
	state: 'waiting' | 'redeemed' | 'expired';
	/** How often it was sent. */
	attempts: number;
	/** How often the chain took it. */
	accepted: number;
	/** When to send it again; Unix milliseconds. */
	next: number;
	/** Why the chain did not take it the last time. */
	error: string | null;
}

const BUSY_TIMEOUT_MS = 2_000;

const SCHEMA = `
	CREATE TABLE IF NOT EXISTS messages (
		hash TEXT PRIMARY KEY, boc TEXT NOT NULL, purse TEXT NOT NULL, ticket TEXT,
		expires INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
		accepted INTEGER NOT NULL, next INTEGER NOT NULL, error TEXT
	) WITHOUT ROWID;
	CREATE INDEX IF NOT EXISTS messages_by_next ON messages (state, next);
`;

const row = v.object({
	hash: v.string(),
	boc: v.string(),
	purse: v.string(),
	ticket: v.nullable(v.string()),
	expires: v.number(),
	state: v.picklist(['waiting', 'redeemed', 'expired']),
	attempts: v.number(),
	accepted: v.number(),
	next: v.number(),
	error: v.nullable(v.string())
});

/** Messages to be sent again, in a SQLite file. What `save` has returned from survives a power cut. */
export class OutboxStore {
	readonly #db: DatabaseSync;
	readonly #prepared = new Map<string, StatementSync>();

	constructor(file: string) {
		this.#db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
		this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
		this.#db.exec(SCHEMA);
	}

	get(hash: string): KeptMessage | null {
		return readRow(this.#statement('SELECT * FROM messages WHERE hash = ?').get(hash));
	}

	save(message: KeptMessage): void {
		const { hash, boc, purse, ticket, expires, state, attempts, accepted, next, error } = message;
		this.#statement(
			'INSERT OR REPLACE INTO messages (hash, boc, purse, ticket, expires, state, attempts, accepted, next, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
		).run(hash, boc, purse, ticket, expires, state, attempts, accepted, next, error);
	}

	/** The one to be sent first. */
	nextWaiting(): KeptMessage | null {
		const sql = "SELECT * FROM messages WHERE state = 'waiting' ORDER BY next LIMIT 1";
		return readRow(this.#statement(sql).get());
	}

	waitingCount(): number {
		const sql = "SELECT count(*) AS n FROM messages WHERE state = 'waiting'";
		return Number(this.#statement(sql).get()?.['n'] ?? 0);
	}

	/** Forgets what is over and was to be over by `expiredMs`. */
	forgetSettled(expiredMs: number): void {
		const sql = "DELETE FROM messages WHERE state <> 'waiting' AND expires < ?";
		this.#statement(sql).run(expiredMs);
	}

	/** Drops the message that most looks like junk: never taken, tried most often. False if none is. */
	dropHopeless(minAttempts: number): boolean {
		const { changes } = this.#statement(
			"DELETE FROM messages WHERE hash = (SELECT hash FROM messages WHERE state = 'waiting' AND accepted = 0 AND attempts >= ? ORDER BY attempts DESC LIMIT 1)"
		).run(minAttempts);
		return Number(changes) > 0;
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
}

function readRow(found: unknown): KeptMessage | null {
	return found === undefined ? null : v.parse(row, found);
}
