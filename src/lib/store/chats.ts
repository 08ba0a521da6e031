import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { ChatStore, StoredChat, Turn } from './chat-records.ts';
import { MemoryChats } from './memory-chats.ts';

interface ChatsSchema extends DBSchema {
	chats: { key: string; value: StoredChat; indexes: { updatedAt: number } };
	turns: { key: string; value: Turn; indexes: { place: [string, number] } };
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

	async deleteTurn(id: string): Promise<void> {
		await this.#database.delete('turns', id);
	}

	async deleteChat(id: string): Promise<void> {
		const transaction = this.#database.transaction(['chats', 'turns'], 'readwrite');
		const turns = transaction.objectStore('turns');
		const keys = await turns.index('place').getAllKeys(placesOf(id));
		await Promise.all([
			...keys.map((key) => turns.delete(key)),
			transaction.objectStore('chats').delete(id)
		]);
		await transaction.done;
	}
}

const placesOf = (chat: string) => IDBKeyRange.bound([chat, 0], [chat, Infinity]);

/** Opens this browser's chats, or a store in memory where the browser keeps no database. */
export async function openChatStore(): Promise<ChatStore> {
	try {
		const database = await openDB<ChatsSchema>('mulberry-chats', 1, {
			upgrade(created) {
				created.createObjectStore('chats', { keyPath: 'id' }).createIndex('updatedAt', 'updatedAt');
				created
					.createObjectStore('turns', { keyPath: 'id' })
					.createIndex('place', ['chat', 'position']);
			}
		});
		return new IndexedChats(database);
	} catch {
		return new MemoryChats();
	}
}
