import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { OperationRecord, PurseRecord, PurseStore } from './purse-records.ts';

interface PursesSchema extends DBSchema {
	purses: { key: string; value: PurseRecord; indexes: { network: string } };
	operations: { key: string; value: OperationRecord; indexes: { network: string } };
}

class IndexedPurses implements PurseStore {
	readonly #database: IDBPDatabase<PursesSchema>;

	constructor(database: IDBPDatabase<PursesSchema>) {
		this.#database = database;
	}

	async purses(network: string): Promise<PurseRecord[]> {
		const found = await this.#database.getAllFromIndex('purses', 'network', network);
		return found.sort((a, b) => b.createdAt - a.createdAt);
	}

	async putPurse(purse: PurseRecord): Promise<void> {
		await this.#database.put('purses', purse);
	}

	async operations(network: string): Promise<OperationRecord[]> {
		const found = await this.#database.getAllFromIndex('operations', 'network', network);
		return found.sort((a, b) => b.askedAt - a.askedAt);
	}

	async putOperation(operation: OperationRecord): Promise<void> {
		await this.#database.put('operations', operation);
	}

	async deleteOperation(id: string): Promise<void> {
		await this.#database.delete('operations', id);
	}
}

/**
 * @throws DOMException where the browser keeps no IndexedDB: a purse whose key goes with the page would
 *   lock its money up, so there is no store in memory
 */
export async function openPurseStore(name = 'mulberry-purses'): Promise<PurseStore> {
	const database = await openDB<PursesSchema>(name, 1, {
		upgrade(created) {
			created.createObjectStore('purses', { keyPath: 'address' }).createIndex('network', 'network');
			created.createObjectStore('operations', { keyPath: 'id' }).createIndex('network', 'network');
		}
	});
	return new IndexedPurses(database);
}
