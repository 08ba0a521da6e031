import { createContext } from 'svelte';
import type { ModelEntry } from '../../models/model-entry.ts';
import { randomBytes, toBase64Url } from '../../protocol/bytes.ts';
import type { ChatStore, StoredChat } from '../../store/chat-records.ts';
import { openChatStore } from '../../store/chats.ts';
import { loadCatalogue } from '../catalogue-source.ts';
import { NetworkFeed } from '../network-feed.svelte.ts';
import { Conversation, type Asker } from './conversation.svelte.ts';
import { modelOptions, type ModelOption } from './model-options.ts';
import { TurnSaver } from './turn-saver.ts';

const newId = () => toBase64Url(randomBytes(12));

/** What the chat page holds: the list of chats, the open one, and the models that can be asked. */
export class ChatPage {
	readonly feed = new NetworkFeed();
	#catalogue = $state.raw<readonly ModelEntry[]>([]);
	#chats = $state.raw<readonly StoredChat[]>([]);
	#conversation = $state.raw<Conversation | null>(null);
	#isLasting = $state(true);
	#chosen = $state<string | null>(null);
	#store: ChatStore | null = null;
	#stopped = new AbortController();
	#requester: Promise<Asker & { close(): void }> | null = null;

	readonly #options = $derived(
		modelOptions(
			this.feed.figures?.models ?? [],
			this.#catalogue,
			this.#chosen ?? this.#conversation?.chat?.model ?? null
		)
	);

	get models(): readonly ModelOption[] {
		return this.#options;
	}

	/** The model the next question goes to; `null` while nobody serves any. */
	get model(): string | null {
		return this.#chosen ?? this.#conversation?.chat?.model ?? this.#options[0]?.id ?? null;
	}

	/** Median prices of that model, nano per million tokens; `null` while nobody serves it. */
	get prices(): { promptNano: bigint; completionNano: bigint } | null {
		const served = this.feed.figures?.models.find(({ id }) => id === this.model);
		return served
			? { promptNano: served.promptPrice, completionNano: served.completionPrice }
			: null;
	}

	/** Of that model, where the catalogue knows it. */
	get contextTokens(): number | undefined {
		return this.#catalogue.find(({ id }) => id === this.model)?.contextTokens;
	}

	get chats(): readonly StoredChat[] {
		return this.#chats;
	}

	/** `null` until this browser's chats are open. */
	get conversation(): Conversation | null {
		return this.#conversation;
	}

	/** False where the browser keeps nothing. */
	get isLasting(): boolean {
		return this.#isLasting;
	}

	choose(model: string): void {
		this.#chosen = model;
	}

	nameOf(model: string): string {
		return this.#catalogue.find(({ id }) => id === model)?.name ?? model;
	}

	/** Opens what this browser keeps and asks who is there; what it returns ends all of it. */
	start(): () => void {
		this.#stopped = new AbortController();
		const { signal } = this.#stopped;
		const stopFeed = this.feed.start();
		void loadCatalogue(signal).then((models) => (this.#catalogue = models ?? []));
		void this.#openStore(signal);
		return () => {
			stopFeed();
			this.#stopped.abort();
			this.#conversation?.stop();
			void this.#requester?.then((requester) => requester.close());
			this.#requester = null;
		};
	}

	/** Opens a chat by id, or begins a new one. */
	async open(id: string | null): Promise<void> {
		if (id !== this.#conversation?.chat?.id) this.#chosen = null;
		await this.#conversation?.open(id);
	}

	async delete(id: string): Promise<void> {
		const conversation = this.#conversation;
		if (conversation?.chat?.id === id) {
			await conversation.open(null);
			// Or its last words would be saved after the chat is gone.
			await conversation.ended();
		}
		await this.#store?.deleteChat(id);
		await this.list();
	}

	/** Reads the list of chats anew. */
	async list(): Promise<void> {
		this.#chats = (await this.#store?.list()) ?? [];
	}

	/** Loads the peer-to-peer code, ahead of the first question. */
	warmUp(): void {
		this.#asker().catch(() => {
			// The coordinator is away just now; the question itself will say so.
			this.#requester = null;
		});
	}

	async #openStore(signal: AbortSignal): Promise<void> {
		const store = await openChatStore();
		if (signal.aborted) return;
		this.#store = store;
		this.#isLasting = store.isLasting;
		const saver = new TurnSaver(store);
		addEventListener('pagehide', () => this.#leave(saver), { signal });
		this.#conversation = new Conversation({
			store,
			saver,
			newId,
			asker: () => this.#asker(),
			contextTokens: (model) => this.#catalogue.find(({ id }) => id === model)?.contextTokens
		});
		await this.list();
	}

	/** The page goes: keep the words, and tell the contributor, who would hold its place for 30 s. */
	#leave(saver: TurnSaver): void {
		void saver.flush();
		this.#conversation?.stop();
	}

	#asker(): Promise<Asker & { close(): void }> {
		this.#requester ??= loadRequester();
		return this.#requester;
	}
}

async function loadRequester() {
	const { requesterAt } = await import('../../p2p/requester.ts');
	return requesterAt(new URL(location.origin));
}

export const [getChatPage, setChatPage] = createContext<ChatPage>();
