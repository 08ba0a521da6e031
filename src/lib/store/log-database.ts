import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { KeptEvidence, LogRecords, UndeliveredEntry } from './log-records.ts';
import { MemoryLogRecords } from './memory-log-records.ts';

interface LogSchema extends DBSchema {
	undelivered: { key: string; value: UndeliveredEntry; indexes: { since: number } };
	heads: { key: string; value: string };
	evidence: { key: string; value: KeptEvidence };
	avoided: { key: string; value: { reason: string; at: number } };
}

class IndexedLogRecords implements LogRecords {
	readonly isLasting = true;
	readonly #database: IDBPDatabase<LogSchema>;

	constructor(database: IDBPDatabase<LogSchema>) {
		this.#database = database;
	}

	undelivered(): Promise<UndeliveredEntry[]> {
		return this.#database.getAllFromIndex('undelivered', 'since');
	}

	async putUndelivered(entry: UndeliveredEntry): Promise<void> {
		await this.#database.put('undelivered', entry);
	}

	async deleteUndelivered(id: string): Promise<void> {
		await this.#database.delete('undelivered', id);
	}

	async lastHead(coordinator: string): Promise<string | null> {
		return (await this.#database.get('heads', coordinator)) ?? null;
	}

	async replaceHead(coordinator: string, known: string | null, head: string): Promise<boolean> {
		const transaction = this.#database.transaction('heads', 'readwrite');
		const now = (await transaction.store.get(coordinator)) ?? null;
		if (now === known) await transaction.store.put(head, coordinator);
		await transaction.done;
		return now === known;
	}

	evidence(): Promise<KeptEvidence[]> {
		return this.#database.getAll('evidence');
	}

	async putEvidence(evidence: KeptEvidence): Promise<void> {
		await this.#database.put('evidence', evidence);
	}

	avoided(): Promise<string[]> {
		return this.#database.getAllKeys('avoided');
	}

	async avoid(peer: string, reason: string): Promise<void> {
		await this.#database.put('avoided', { reason, at: Date.now() }, peer);
	}
}

/** Opens this browser's records, or some in memory where the browser keeps no database. */
export async function openLogRecords(): Promise<LogRecords> {
	try {
		const database = await openDB<LogSchema>('mulberry-log', 1, {
			upgrade(created) {
				created.createObjectStore('undelivered', { keyPath: 'id' }).createIndex('since', 'since');
				created.createObjectStore('heads');
				created.createObjectStore('evidence', { keyPath: 'id' });
				created.createObjectStore('avoided');
			}
		});
		return new IndexedLogRecords(database);
	} catch {
		return new MemoryLogRecords();
	}
}
