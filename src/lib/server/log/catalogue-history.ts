import { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import { catalogueHash, type PastCatalogue } from '../../log/catalogue-check.ts';

const BUSY_TIMEOUT_MS = 2_000;

const SCHEMA = `
	CREATE TABLE IF NOT EXISTS catalogues (
		hash TEXT PRIMARY KEY, since INTEGER NOT NULL, body TEXT NOT NULL,
		"transaction" TEXT, at INTEGER
	);
`;

const row = v.object({
	hash: v.string(),
	since: v.number(),
	transaction: v.nullable(v.string()),
	at: v.nullable(v.number())
});

/** The catalogues that this coordinator ever served, and which of them are anchored. */
export class CatalogueHistory {
	/** Hash of the catalogue that is served now. */
	readonly current: string;
	readonly #db: DatabaseSync;

	private constructor(db: DatabaseSync, current: string) {
		this.#db = db;
		this.current = current;
	}

	/** @param body what `GET /api/catalogue` gives, to the byte */
	static async open(file: string, body: string, nowMs: number): Promise<CatalogueHistory> {
		const hash = await catalogueHash(body);
		const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
		db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
		db.exec(SCHEMA);
		db.prepare('INSERT OR IGNORE INTO catalogues (hash, since, body) VALUES (?, ?, ?)').run(
			hash,
			nowMs,
			body
		);
		return new CatalogueHistory(db, hash);
	}

	/** All of them, from the oldest. */
	list(): PastCatalogue[] {
		const sql = 'SELECT hash, since, "transaction", at FROM catalogues ORDER BY since, hash';
		return this.#db
			.prepare(sql)
			.all()
			.map((found) => v.parse(row, found));
	}

	/** The body of one of them, or `null`. */
	body(hash: string): string | null {
		const found = this.#db.prepare('SELECT body FROM catalogues WHERE hash = ?').get(hash);
		return found === undefined ? null : v.parse(v.object({ body: v.string() }), found).body;
	}

	/** The chain has the hash of this one. */
	anchored(hash: string, { transaction, at }: { transaction: string; at: number }): void {
		const sql = 'UPDATE catalogues SET "transaction" = ?, at = ? WHERE hash = ?';
		this.#db.prepare(sql).run(transaction, at, hash);
	}

	close(): void {
		this.#db.close();
	}
}
