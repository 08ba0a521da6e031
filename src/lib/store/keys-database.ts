import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

interface KeysSchema extends DBSchema {
	keys: { key: string; value: CryptoKeyPair | CryptoKey };
}

let opening: Promise<IDBPDatabase<KeysSchema>> | undefined;

/** The database of keys; they are stored as WebCrypto handles and cannot be read out. */
export function keysDatabase(): Promise<IDBPDatabase<KeysSchema>> {
	opening ??= openDB<KeysSchema>('mulberry-keys', 1, {
		upgrade: (database) => void database.createObjectStore('keys')
	});
	return opening;
}
