import { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import type { AnchoredHead } from './anchors.ts';

const BUSY_TIMEOUT_MS = 2_000;

const SCHEMA = `
	CREATE TABLE IF NOT EXISTS anchors (
		head TEXT PRIMARY KEY, size INTEGER NOT NULL, beacon TEXT NOT NULL,
		"transaction" TEXT, lt TEXT, at INTEGER
	);
`;

const confirmed = v.object({
	head: v.string(),
	beacon: v.string(),
	transaction: v.string(),
	lt: v.string(),
	at: v.number()
});
const pending = v.object({ head: v.string() });

/** Which heads were written on a chain, and which were sent there and not seen yet. */
export class AnchorStore {
	readonly #db: DatabaseSync;

	constructor(file: string) {
		this.#db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
		this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
		this.#db.exec(SCHEMA);
	}

	/** Those that the chain has, from the oldest. */
	list(): AnchoredHead[] {
		const sql = `SELECT head, beacon, "transaction", lt, at FROM anchors
			WHERE "transaction" IS NOT NULL ORDER BY size, at`;
		return this.#db
			.prepare(sql)
			.all()
			.map((row) => v.parse(confirmed, row));
	}

	/** Heads that may have reached this beacon without anybody seeing it. */
	pending(beacon: string): string[] {
		const sql = 'SELECT head FROM anchors WHERE beacon = ? AND "transaction" IS NULL ORDER BY size';
		return this.#db
			.prepare(sql)
			.all(beacon)
			.map((row) => v.parse(pending, row).head);
	}

	/** Before a head is sent: what is not written down could not be listed after a crash. */
	sending(head: string, size: number, beacon: string): void {
		const sql = 'INSERT OR IGNORE INTO anchors (head, size, beacon) VALUES (?, ?, ?)';
		this.#db.prepare(sql).run(head, size, beacon);
	}

	confirm({ head, transaction, lt, at }: AnchoredHead): void {
		const sql = 'UPDATE anchors SET "transaction" = ?, lt = ?, at = ? WHERE head = ?';
		this.#db.prepare(sql).run(transaction, lt, at, head);
	}

	/** The beacon went on without it. */
	forget(head: string): void {
		this.#db.prepare('DELETE FROM anchors WHERE head = ? AND "transaction" IS NULL').run(head);
	}

	close(): void {
		this.#db.close();
	}
}
