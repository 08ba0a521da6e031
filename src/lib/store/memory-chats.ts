import type { Logged } from '../protocol/part-evidence.ts';
import {
	withLogged,
	type ChatStore,
	type PartProof,
	type StoredChat,
	type Turn,
	type TurnProofs
} from './chat-records.ts';

/** Chats for a page that may store nothing: a private window, or a frame inside another site. */
export class MemoryChats implements ChatStore {
	readonly isLasting = false;
	readonly #chats = new Map<string, StoredChat>();
	readonly #turns = new Map<string, Turn>();
	readonly #proofs = new Map<string, TurnProofs>();

	async list(): Promise<StoredChat[]> {
		return [...this.#chats.values()].sort((a, b) => b.updatedAt - a.updatedAt);
	}

	async chat(id: string): Promise<StoredChat | null> {
		return this.#chats.get(id) ?? null;
	}

	async turns(chat: string): Promise<Turn[]> {
		return [...this.#turns.values()]
			.filter((turn) => turn.chat === chat)
			.sort((a, b) => a.position - b.position);
	}

	async putChat(chat: StoredChat): Promise<void> {
		this.#chats.set(chat.id, chat);
	}

	async putTurn(turn: Turn): Promise<void> {
		this.#turns.set(turn.id, turn);
	}

	async proofs(turn: string): Promise<PartProof[]> {
		return this.#proofs.get(turn)?.parts ?? [];
	}

	async putProofs(proofs: TurnProofs): Promise<void> {
		this.#proofs.set(proofs.turn, proofs);
	}

	async putLogged(turn: string, entry: string, logged: Logged): Promise<void> {
		const proofs = this.#proofs.get(turn);
		if (proofs) this.#proofs.set(turn, withLogged(proofs, entry, logged));
	}

	async deleteTurn(id: string): Promise<void> {
		this.#turns.delete(id);
		this.#proofs.delete(id);
	}

	async deleteChat(id: string): Promise<void> {
		this.#chats.delete(id);
		for (const turn of this.#turns.values()) if (turn.chat === id) this.#turns.delete(turn.id);
		for (const { turn, chat } of this.#proofs.values()) if (chat === id) this.#proofs.delete(turn);
	}
}
