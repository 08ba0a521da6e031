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

/**
 * What is stored under this name, or else `fresh` from now on. One transaction decides, since WebCrypto cannot
 * be awaited inside of it: two tabs that ask at once get the same.
 */
export async function firstKept(
	name: string,
	fresh: CryptoKeyPair | CryptoKey
): Promise<CryptoKeyPair | CryptoKey> {
	const transaction = (await keysDatabase()).transaction('keys', 'readwrite');
	const stored = await transaction.store.get(name);
	if (!stored) await transaction.store.put(fresh, name);
	await transaction.done;
	return stored ?? fresh;
}
