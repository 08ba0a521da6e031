import type { AnswerTurn, ChatStore } from '../../store/chat-records.ts';

/** A growing answer is written this often; a crash of the browser loses no more than that. */
const SAVE_EVERY_MS = 150;

/**
 * Writes a growing answer to the store: the latest state, one write at a time, however fast the
 * tokens come.
 */
export class TurnSaver {
	readonly #store: ChatStore;
	#pending: AnswerTurn | null = null;
	#isWriting = false;

	constructor(store: ChatStore) {
		this.#store = store;
	}

	save(turn: AnswerTurn): void {
		this.#pending = turn;
		if (!this.#isWriting) void this.#writeAll();
	}

	/** Writes what is still waiting at once. Also for `pagehide`, where nothing can be awaited. */
	async flush(): Promise<void> {
		const turn = this.#pending;
		this.#pending = null;
		// A put that is begun before the page goes is still carried out.
		if (turn) await this.#put(turn);
	}

	/** Holds the answer's lock, by which other tabs know that it is being written. */
	whileWriting(id: string, write: () => Promise<void>): Promise<void> {
		return answerLock(id).hold(write);
	}

	async #writeAll(): Promise<void> {
		this.#isWriting = true;
		while (this.#pending) {
			const turn = this.#pending;
			this.#pending = null;
			await this.#put(turn);
			await new Promise((resolve) => setTimeout(resolve, SAVE_EVERY_MS));
		}
		this.#isWriting = false;
	}

	async #put(turn: AnswerTurn): Promise<void> {
		try {
			await this.#store.putTurn(turn);
		} catch {
			// Storage is full or was cleared: the answer goes on, on the page.
		}
	}
}

/** The lock of an answer, shared by the tabs of this browser; without Web Locks it is always free. */
export function answerLock(id: string) {
	const name = `mulberry-answer-${id}`;
	const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
	return {
		hold: (work: () => Promise<void>): Promise<void> =>
			locks ? locks.request(name, work) : work(),
		/** Runs once nobody writes this answer. */
		whenFree: (work: () => Promise<void>): Promise<void> =>
			locks ? locks.request(name, work) : work()
	};
}
