import type { AnswerPart } from '../../p2p/answer-events.ts';
import type { AnswerTurn, ChatStore, PartProof } from '../../store/chat-records.ts';
import type { ChatEvent } from './chat-events.ts';

/** Proofs of a growing answer are written this often; they hold the whole question. */
const WRITE_EVERY_MS = 1_000;

export interface ProofKeeperParts {
	store: Pick<ChatStore, 'proofs' | 'putProofs'>;
	/** Hands an entry of this turn in to the log. */
	hand: (entry: string, turn: string) => Promise<void>;
	/** Never asks this contributor again. */
	avoid: (peer: string, reason: string) => Promise<void>;
	/** Id of a log entry. */
	entryId: (entry: string) => Promise<string>;
}

/** Keeps what proves the answers of a chat, and hands it in. */
export class ProofKeeper {
	readonly #parts: ProofKeeperParts;

	constructor(parts: ProofKeeperParts) {
		this.#parts = parts;
	}

	/** For an answer that begins, or is carried on from its text. */
	async begin(turn: AnswerTurn, isCarriedOn: boolean): Promise<ProofWriter> {
		const { store, entryId } = this.#parts;
		const before = await store.proofs(turn.id);
		if (!isCarriedOn) {
			if (before.length > 0) await store.putProofs({ turn: turn.id, chat: turn.chat, parts: [] });
			return new ProofWriter(this.#parts, turn, [], undefined);
		}
		const last = before.at(-1)?.evidence.entry;
		return new ProofWriter(this.#parts, turn, before, last && (await entryId(last)));
	}

	/** Hands in what the log has not confirmed: for an answer whose page went away. */
	async handIn(turn: string): Promise<void> {
		for (const { evidence, logged } of await this.#parts.store.proofs(turn)) {
			if (!logged) await this.#parts.hand(evidence.entry, turn);
		}
	}
}

/** The proofs of one answer while it is being made. */
export class ProofWriter {
	/** Id of the entry that the answer so far ends with. */
	readonly previous: string | undefined;
	readonly #parts: ProofKeeperParts;
	readonly #turn: AnswerTurn;
	#before: readonly PartProof[];
	#pending: readonly AnswerPart[] | null = null;
	#writtenAt = -Infinity;
	#writing: Promise<void> = Promise.resolve();

	constructor(
		parts: ProofKeeperParts,
		turn: AnswerTurn,
		before: readonly PartProof[],
		previous: string | undefined
	) {
		this.#parts = parts;
		this.#turn = turn;
		this.#before = before;
		this.previous = previous;
	}

	take(event: ChatEvent): void {
		switch (event.kind) {
			case 'restarted':
				this.#before = [];
				return;
			case 'covered':
				this.#pending = event.parts;
				if (performance.now() - this.#writtenAt >= WRITE_EVERY_MS) void this.flush();
				return;
			case 'mismatch':
				void this.#quietly(this.#parts.avoid(event.contributor, event.text));
				return;
			case 'failed': {
				const last = event.parts.at(-1)?.contributor;
				if (event.failure.kind === 'cheated' && last) {
					void this.#quietly(this.#parts.avoid(last, event.failure.text));
				}
				return this.#end(event.parts);
			}
			case 'done':
				return this.#end(event.parts);
		}
	}

	/** Writes what waits at once; also for a page that goes. */
	flush(): Promise<void> {
		const parts = this.#pending;
		this.#pending = null;
		if (!parts) return this.#writing;
		this.#writtenAt = performance.now();
		const { id: turn, chat } = this.#turn;
		const written = { turn, chat, parts: [...this.#before, ...parts.flatMap(proofOf)] };
		// The put itself is begun at once: a page that goes waits for nothing.
		const put = this.#quietly(this.#parts.store.putProofs(written));
		this.#writing = this.#writing.then(() => put);
		return this.#writing;
	}

	#end(parts: readonly AnswerPart[]): void {
		this.#pending = parts;
		this.#writing = this.flush().then(async () => {
			for (const { evidence } of parts.flatMap(proofOf)) {
				await this.#quietly(this.#parts.hand(evidence.entry, this.#turn.id));
			}
		});
	}

	/** Storage that is full or was cleared must not end an answer. */
	async #quietly(work: Promise<void>): Promise<void> {
		await work.catch(() => {});
	}
}

function proofOf({ evidence, mismatch }: AnswerPart): PartProof[] {
	return evidence ? [{ evidence, logged: null, mismatch }] : [];
}
