import type { Question } from '../../p2p/answer-events.ts';
import type {
	AnswerPlace,
	AnswerTurn,
	ChatSettings,
	ChatStore,
	QuestionTurn,
	StoredChat,
	Turn
} from '../../store/chat-records.ts';
import { applyEvent, beginAnswer, type AnswerProgress } from './answer-progress.ts';
import type { Asker, ChatEvent } from './chat-events.ts';
import type { ProofKeeper, ProofWriter } from './proof-keeper.ts';
import { answerLock, type TurnSaver } from './turn-saver.ts';
import { maxTokensFor, messagesFor, titleOf } from './prompt.ts';

export interface ConversationParts {
	store: ChatStore;
	saver: TurnSaver;
	proofs: ProofKeeper;
	/** Loads the code of whoever answers on first use. */
	asker: (place: AnswerPlace) => Promise<Asker>;
	/** Context of a model in tokens, where the catalogue knows it. */
	contextTokens: (model: string) => number | undefined;
	newId: () => string;
}

/** Whom a question goes to. */
export interface Target {
	model: string;
	place: AnswerPlace;
}

const NO_SETTINGS: ChatSettings = { system: '', temperature: null, maxTokens: null };

/** One open chat: its turns, the answer that is being made, and what one can do with them. */
export class Conversation {
	readonly #parts: ConversationParts;
	#chat = $state.raw<StoredChat | null>(null);
	#settings = $state.raw<ChatSettings>(NO_SETTINGS);
	#turns = $state.raw<readonly Turn[]>([]);
	#progress = $state.raw<AnswerProgress | null>(null);
	#stop: AbortController | null = null;
	#proofs: ProofWriter | null = null;
	#answering: Promise<void> = Promise.resolve();

	constructor(parts: ConversationParts) {
		this.#parts = parts;
	}

	get chat(): StoredChat | null {
		return this.#chat;
	}

	get settings(): ChatSettings {
		return this.#settings;
	}

	get turns(): readonly Turn[] {
		return this.#turns;
	}

	/** The answer that is being made right now. */
	get progress(): AnswerProgress | null {
		return this.#progress;
	}

	get isAnswering(): boolean {
		return this.#progress !== null;
	}

	/** Opens a stored chat; `null` begins a new one. An answer in the making is stopped and kept. */
	async open(id: string | null): Promise<void> {
		if (id !== null && id === this.#chat?.id) return;
		this.stop();
		this.#stop = null;
		const { store } = this.#parts;
		const chat = id === null ? null : await store.chat(id);
		const turns = chat ? await store.turns(chat.id) : [];
		this.#chat = chat;
		this.#settings = chat?.settings ?? NO_SETTINGS;
		this.#turns = turns;
		this.#progress = null;
		for (const turn of turns) {
			if (turn.kind === 'answer' && turn.outcome.kind === 'streaming') this.#followElsewhere(turn);
		}
	}

	async changeSettings(settings: ChatSettings): Promise<void> {
		this.#settings = settings;
		if (!this.#chat) return;
		this.#chat = { ...this.#chat, settings };
		await this.#parts.store.putChat(this.#chat);
	}

	/** Asks a question; resolves when its answer has ended. */
	async send(text: string, target: Target, onChat: (chat: StoredChat) => void): Promise<void> {
		if (this.isAnswering || text.trim() === '') return;
		const chat = this.#touchedChat(text, target);
		const position = (this.#turns.at(-1)?.position ?? -1) + 1;
		const question: QuestionTurn = {
			kind: 'question',
			id: this.#parts.newId(),
			chat: chat.id,
			position,
			at: Date.now(),
			text
		};
		const answer = this.#newAnswer(chat, position + 1, target);
		this.#turns = [...this.#turns, question, answer];
		this.#progress = beginAnswer(answer);
		await Promise.all([this.#parts.store.putChat(chat), this.#parts.store.putTurn(question)]);
		onChat(chat);
		await this.#answer(answer, '');
	}

	/** Makes the last answer anew; the old text stays with the turn. @param limitNano see `carryOn` */
	async regenerate(target: Target, limitNano?: bigint): Promise<void> {
		const old = this.#turns.at(-1);
		if (this.isAnswering || !this.#chat || old?.kind !== 'answer') return;
		this.#touchedChat('', target);
		await this.#answer(
			{
				...this.#newAnswer(this.#chat, old.position, target),
				id: old.id,
				earlier: old.text === '' ? old.earlier : [...old.earlier, old.text]
			},
			'',
			limitNano
		);
	}

	/**
	 * Carries on with a last answer that was broken off or stopped, from its text.
	 *
	 * @param limitNano the most that this may cost, in place of the person's usual limit
	 */
	async carryOn(limitNano?: bigint): Promise<void> {
		const last = this.#turns.at(-1);
		if (this.isAnswering || last?.kind !== 'answer') return;
		await this.#answer(last, last.text, limitNano);
	}

	/** Stops the answer; what came of it stays. */
	stop(): void {
		this.#stop?.abort();
	}

	/** Writes what proves the answer so far at once; for a page that goes. */
	flush(): void {
		void this.#proofs?.flush();
	}

	/** Resolves when nothing of an answer is written any more. */
	ended(): Promise<void> {
		return this.#answering;
	}

	#answer(turn: AnswerTurn, prefix: string, limitNano?: bigint): Promise<void> {
		this.#answering = this.#follow(turn, prefix, limitNano);
		return this.#answering;
	}

	async #follow(turn: AnswerTurn, prefix: string, limitNano?: bigint): Promise<void> {
		const { saver, asker, proofs } = this.#parts;
		const stop = new AbortController();
		this.#stop = stop;
		this.#show(beginAnswer(turn));
		await saver.whileWriting(turn.id, async () => {
			let progress = beginAnswer(turn);
			const take = (event: ChatEvent) => {
				progress = applyEvent(progress, event, performance.now());
				saver.save(progress.turn);
				if (this.#stop === stop) this.#show(progress);
				writer.take(event);
			};
			const writer = await proofs.begin(turn, prefix !== '');
			this.#proofs = writer;
			saver.save(progress.turn);
			try {
				const { ask } = bound(await asker(turn.place ?? 'network'));
				const asked = this.#question(turn, prefix, writer.previous);
				const question = limitNano === undefined ? asked : { ...asked, paid: { limitNano } };
				for await (const event of ask(question, stop.signal)) take(event);
			} catch {
				// The code could not be loaded, most likely: the coordinator is away.
				take({
					...{ kind: 'failed', failure: { kind: 'directory_unreachable' }, parts: [] },
					...{ costNano: 0n, paidNano: 0n }
				});
			}
			await Promise.all([saver.flush(), writer.flush()]);
		});
		if (this.#stop !== stop) return;
		this.#stop = null;
		this.#progress = null;
	}

	#question(turn: AnswerTurn, prefix: string, previous: string | undefined): Question {
		const { system, temperature, maxTokens } = this.#settings;
		return {
			model: turn.model,
			messages: messagesFor(this.#turns, turn.id, system),
			sampling: {
				max_tokens: maxTokensFor(maxTokens, this.#parts.contextTokens(turn.model)),
				...(temperature === null ? {} : { temperature })
			},
			...(prefix === '' ? {} : { prefix, ...(turn.digest ? { digest: turn.digest } : {}) }),
			...(previous === undefined ? {} : { previous })
		};
	}

	#show(progress: AnswerProgress): void {
		this.#progress = progress;
		this.#replace(progress.turn);
	}

	#replace(turn: Turn): void {
		this.#turns = this.#turns.map((other) => (other.id === turn.id ? turn : other));
	}

	#newAnswer(chat: StoredChat, position: number, { model, place }: Target): AnswerTurn {
		return {
			kind: 'answer',
			id: this.#parts.newId(),
			chat: chat.id,
			position,
			at: Date.now(),
			model,
			place,
			text: '',
			outcome: { kind: 'streaming' },
			authors: [],
			digest: null,
			figures: null,
			earlier: []
		};
	}

	#touchedChat(question: string, { model, place }: Target): StoredChat {
		const now = Date.now();
		const chat: StoredChat = this.#chat
			? { ...this.#chat, model, place, updatedAt: now }
			: {
					id: this.#parts.newId(),
					title: titleOf(question),
					model,
					place,
					settings: this.#settings,
					createdAt: now,
					updatedAt: now
				};
		this.#chat = chat;
		return chat;
	}

	/** A stored answer is still "streaming": in another tab, or the page that wrote it is gone. */
	#followElsewhere(turn: AnswerTurn): void {
		void answerLock(turn.id).whenFree(async () => {
			const stored = await this.#parts.store.turns(turn.chat);
			const now = stored.find(({ id }) => id === turn.id);
			if (now?.kind !== 'answer') return;
			const settled: AnswerTurn =
				now.outcome.kind === 'streaming' ? { ...now, outcome: { kind: 'broken_off' } } : now;
			await this.#parts.store.putTurn(settled);
			await this.#parts.proofs.handIn(turn.id);
			this.#replace(settled);
		});
	}
}

const bound = (asker: Asker) => ({ ask: asker.ask.bind(asker) });
