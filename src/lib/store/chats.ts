import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Logged } from '../protocol/part-evidence.ts';
import {
	withLogged,
	type ChatStore,
	type PartProof,
	type StoredChat,
	type Turn,
	type TurnProofs
} from './chat-records.ts';
import { MemoryChats } from './memory-chats.ts';

interface ChatsSchema extends DBSchema {
	chats: { key: string; value: StoredChat; indexes: { updatedAt: number } };
	turns: { key: string; value: Turn; indexes: { place: [string, number] } };
	proofs: { key: string; value: TurnProofs; indexes: { chat: string } };
}

/** A turn is a record of its own, so that saving a growing answer never rewrites the whole chat. */
class IndexedChats implements ChatStore {
	readonly isLasting = true;
	readonly #database: IDBPDatabase<ChatsSchema>;

	constructor(database: IDBPDatabase<ChatsSchema>) {
		this.#database = database;
	}

	async list(): Promise<StoredChat[]> {
		return (await this.#database.getAllFromIndex('chats', 'updatedAt')).reverse();
	}

	async chat(id: string): Promise<StoredChat | null> {
		return (await this.#database.get('chats', id)) ?? null;
	}

	turns(chat: string): Promise<Turn[]> {
		return this.#database.getAllFromIndex('turns', 'place', placesOf(chat));
	}

	async putChat(chat: StoredChat): Promise<void> {
		await this.#database.put('chats', chat);
	}

	async putTurn(turn: Turn): Promise<void> {
		const transaction = this.#database.transaction('turns', 'readwrite');
		const put = transaction.store.put(turn);
		// Without it the commit waits for an event that a page which is going never gets.
		transaction.commit();
		await Promise.all([put, transaction.done]);
	}

	async proofs(turn: string): Promise<PartProof[]> {
		return (await this.#database.get('proofs', turn))?.parts ?? [];
	}

	async putProofs(proofs: TurnProofs): Promise<void> {
		await this.#database.put('proofs', proofs);
	}

	async putLogged(turn: string, entry: string, logged: Logged): Promise<void> {
		const transaction = this.#database.transaction('proofs', 'readwrite');
		const proofs = await transaction.store.get(turn);
		if (proofs) await transaction.store.put(withLogged(proofs, entry, logged));
		await transaction.done;
	}

	async deleteTurn(id: string): Promise<void> {
		const transaction = this.#database.transaction(['turns', 'proofs'], 'readwrite');
		await Promise.all([
			transaction.objectStore('turns').delete(id),
			transaction.objectStore('proofs').delete(id),
			transaction.done
		]);
	}

	async deleteChat(id: string): Promise<void> {
		const stores = ['chats', 'turns', 'proofs'] as const;
		const transaction = this.#database.transaction(stores, 'readwrite');
		const turns = transaction.objectStore('turns');
		const proofs = transaction.objectStore('proofs');
		const keys = await turns.index('place').getAllKeys(placesOf(id));
		const proofKeys = await proofs.index('chat').getAllKeys(id);
		await Promise.all([
			...keys.map((key) => turns.delete(key)),
			...proofKeys.map((key) => proofs.delete(key)),
			transaction.objectStore('chats').delete(id)
		]);
		await transaction.done;
	}
}

const placesOf = (chat: string) => IDBKeyRange.bound([chat, 0], [chat, Infinity]);

/** Opens this browser's chats, or a store in memory where the browser keeps no database. */
export async function openChatStore(): Promise<ChatStore> {
	try {
		const database = await openDB<ChatsSchema>('mulberry-chats', 2, {
			upgrade(created, oldVersion) {
				if (oldVersion < 1) {
					const chats = created.createObjectStore('chats', { keyPath: 'id' });
					chats.createIndex('updatedAt', 'updatedAt');
					const turns = created.createObjectStore('turns', { keyPath: 'id' });
					turns.createIndex('place', ['chat', 'position']);
				}
				created.createObjectStore('proofs', { keyPath: 'turn' }).createIndex('chat', 'chat');
			},
			// A tab with a newer version must not wait for this one.
			blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close()
		});
		return new IndexedChats(database);
	} catch {
		return new MemoryChats();
	}
}
