import { createContext } from 'svelte';
import type { PaidQuestion } from '../../p2p/answer-events.ts';
import type { ModelEntry } from '../../models/model-entry.ts';
import { randomBytes, toBase64Url } from '../../protocol/bytes.ts';
import { parsePeerId } from '../../protocol/ids.ts';
import { entryId } from '../../protocol/log-entry.ts';
import type { ChatFile } from '../../log/chat-file.ts';
import type { AnswerPlace, ChatStore, PartProof, StoredChat } from '../../store/chat-records.ts';
import { openChatStore } from '../../store/chats.ts';
import { loadCatalogue } from '../catalogue-source.ts';
import { makeModelWorker, usableThreads } from '../model-worker.ts';
import { NetworkFeed } from '../network-feed.svelte.ts';
import { openPageLog, type PageLog } from '../page-log.ts';
import type { Asker } from './chat-events.ts';
import type { Imported } from './chat-files.ts';
import type { Prices } from '../../protocol/amounts.ts';
import { Conversation, type Target } from './conversation.svelte.ts';
import { keyOf, modelOptions, type ModelOption } from './model-options.ts';
import { PayingAsker, type PayingAskerParts } from './paying-asker.ts';
import { ProofKeeper } from './proof-keeper.ts';
import { TurnSaver } from './turn-saver.ts';

type ClosableAsker = Asker & { close(): void };

/** Contributors that want more than so many times the median are passed over. */
const MOST_MEDIANS = 2n;
const timesMedian = ({ promptNano, completionNano }: Prices): Prices => ({
	promptNano: promptNano * MOST_MEDIANS,
	completionNano: completionNano * MOST_MEDIANS
});

const newId = () => toBase64Url(randomBytes(12));

/** What the chat page holds: the list of chats, the open one, and the models that can be asked. */
export class ChatPage {
	readonly feed = new NetworkFeed();
	#catalogue = $state.raw<readonly ModelEntry[]>([]);
	#chats = $state.raw<readonly StoredChat[]>([]);
	#conversation = $state.raw<Conversation | null>(null);
	#isLasting = $state(true);
	#chosen = $state.raw<Target | null>(null);
	#store: ChatStore | null = null;
	#opening: Promise<void> = Promise.resolve();
	#stopped = new AbortController();
	readonly #beginPaying: PayingAskerParts['beginPaying'];
	#requester: Promise<ClosableAsker> | null = null;
	#log: Promise<PageLog> | null = null;
	/** Answers on this device, by model. */
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing is drawn from it
	readonly #here = new Map<string, Promise<ClosableAsker & { load(): Promise<unknown> }>>();

	readonly #wanted = $derived.by((): Target | null => {
		const chat = this.#conversation?.chat;
		return this.#chosen ?? (chat ? { model: chat.model, place: chat.place ?? 'network' } : null);
	});
	readonly #options = $derived(
		modelOptions(this.feed.figures?.models ?? [], this.#catalogue, this.#wanted)
	);

	/** @param beginPaying see `WalletAccess`; nothing is paid without it */
	constructor(beginPaying: PayingAskerParts['beginPaying'] = async () => null) {
		this.#beginPaying = beginPaying;
	}

	get models(): readonly ModelOption[] {
		return this.#options;
	}

	/** Whom the next question goes to; this device only if it was chosen. */
	get target(): Target | null {
		if (this.#wanted) return this.#wanted;
		const first = this.#options.find(({ place }) => place === 'network');
		return first ? { model: first.id, place: first.place } : null;
	}

	get targetKey(): string | null {
		return this.target && keyOf(this.target);
	}

	/** The first model that can run on this device. */
	get deviceModel(): ModelOption | null {
		return this.#options.find(({ place }) => place === 'device') ?? null;
	}

	/** Median prices of the target's model, nano per million tokens; `null` where nothing is paid. */
	get prices(): Prices | null {
		const { target } = this;
		return target?.place === 'network' ? this.#pricesOf(target.model) : null;
	}

	/** Whether somebody is there who serves this model. */
	isServed(model: string): boolean {
		const served = this.feed.figures?.models.find(({ id }) => id === model);
		return (served?.contributors ?? 0) > 0;
	}

	#pricesOf(model: string): Prices | null {
		const served = this.feed.figures?.models.find(({ id }) => id === model);
		return served
			? { promptNano: served.promptPrice, completionNano: served.completionPrice }
			: null;
	}

	/** Of the target's model, where the catalogue knows it. */
	get contextTokens(): number | undefined {
		const { target } = this;
		return this.#catalogue.find(({ id }) => id === target?.model)?.contextTokens;
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

	choose(key: string): void {
		const option = this.#options.find((option) => option.key === key);
		if (option) this.#chosen = { model: option.id, place: option.place };
	}

	/** Chooses the model that comes with the pages, on this device, and begins to load it. */
	tryHere(): void {
		const option = this.deviceModel;
		if (!option) return;
		this.choose(option.key);
		this.warmUp();
	}

	nameOf(model: string): string {
		return this.#catalogue.find(({ id }) => id === model)?.name ?? model;
	}

	/**
	 * Opens what this browser keeps and asks who is there; what it returns ends all of it.
	 *
	 * @param tryHere somebody came for the model that runs on this device
	 */
	start(tryHere: boolean): () => void {
		this.#stopped = new AbortController();
		const { signal } = this.#stopped;
		const stopFeed = this.feed.start();
		void loadCatalogue(signal).then((models) => {
			this.#catalogue = models ?? [];
			if (tryHere) this.tryHere();
		});
		this.#opening = this.#openStore(signal);
		return () => {
			stopFeed();
			this.#stopped.abort();
			this.#conversation?.stop();
			for (const asker of [this.#requester, ...this.#here.values()]) {
				void asker?.then((open) => open.close()).catch(() => {});
			}
			this.#requester = null;
			void this.#log?.then(({ delivery }) => delivery.stop()).catch(() => {});
			this.#log = null;
			this.#here.clear();
		};
	}

	/** Opens a chat by id, or begins a new one. */
	async open(id: string | null): Promise<void> {
		if (id !== (this.#conversation?.chat?.id ?? null)) this.#chosen = null;
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

	/** What proves an answer; empty where nothing does. */
	async proofs(turn: string): Promise<PartProof[]> {
		return (await this.#store?.proofs(turn)) ?? [];
	}

	/** The open chat as a file; `null` where none is open. */
	async exported(): Promise<ChatFile | null> {
		const chat = this.#conversation?.chat;
		if (!this.#store || !chat) return null;
		const { exportChat } = await import('./chat-files.ts');
		return exportChat(this.#store, chat);
	}

	/** Verifies a chat file and keeps it as a chat of this browser's; its new id. */
	async import(text: string): Promise<Imported | null> {
		await this.#opening;
		if (!this.#store) return null;
		const { importChat } = await import('./chat-files.ts');
		const imported = await importChat(this.#store, text, newId);
		await this.list();
		return imported;
	}

	/** Loads who answers, ahead of the first question. */
	warmUp(): void {
		const { target } = this;
		// What fails now, the question itself will say.
		if (target?.place === 'device') {
			void this.#askerHere(target.model)
				.then((asker) => asker.load())
				.catch(() => {});
		} else if (target) void this.#network().catch(() => {});
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
			proofs: new ProofKeeper({
				store,
				entryId,
				hand: async (entry, turn) => (await this.#openLog()).delivery.hand(entry, turn),
				avoid: async (peer, reason) => (await this.#openLog()).records.avoid(peer, reason)
			}),
			asker: (place) => this.#asker(place),
			contextTokens: (model) => this.#catalogue.find(({ id }) => id === model)?.contextTokens
		});
		await this.list();
		// For what an earlier visit could not hand in.
		if (!signal.aborted) void this.#openLog().catch(() => {});
	}

	#openLog(): Promise<PageLog> {
		const store = this.#store;
		this.#log ??= openPageLog(({ turn, entry }, logged) =>
			turn === null ? undefined : store?.putLogged(turn, entry, logged)
		).catch((error: unknown) => {
			this.#log = null;
			throw error;
		});
		return this.#log;
	}

	/** The page goes: keep the words, and tell the contributor, who would hold its place for 30 s. */
	#leave(saver: TurnSaver): void {
		void saver.flush();
		this.#conversation?.flush();
		this.#conversation?.stop();
	}

	#asker(place: AnswerPlace): Promise<Asker> {
		const model = this.#conversation?.chat?.model;
		return place === 'device' && model !== undefined ? this.#askerHere(model) : this.#network();
	}

	#network(): Promise<ClosableAsker> {
		this.#requester ??= this.#loadRequester().catch((error: unknown) => {
			// The coordinator is away just now; the next question tries again.
			this.#requester = null;
			throw error;
		});
		return this.#requester;
	}

	async #loadRequester(): Promise<ClosableAsker> {
		const [{ requesterAt }, { records }] = await Promise.all([
			import('../../p2p/requester.ts'),
			this.#openLog()
		]);
		const avoided = (await records.avoided()).flatMap((peer) => parsePeerId(peer) ?? []);
		const requester = requesterAt(ownCoordinator(), avoided);
		const asker = new PayingAsker({
			requester,
			beginPaying: this.#beginPaying,
			terms: (model) => this.#payTerms(model)
		});
		return { ask: asker.ask.bind(asker), close: () => requester.close() };
	}

	/** What was shown before the question was sent is what may be asked for it, within reason. */
	#payTerms(model: string): Pick<PaidQuestion, 'ceiling' | 'bytesPerToken'> {
		const prices = this.#pricesOf(model);
		const bytesPerToken = this.#catalogue.find(({ id }) => id === model)?.bytesPerToken;
		return {
			...(prices && { ceiling: timesMedian(prices) }),
			...(bytesPerToken === undefined ? {} : { bytesPerToken })
		};
	}

	#askerHere(id: string) {
		const made = this.#here.get(id) ?? this.#makeAskerHere(id);
		this.#here.set(id, made);
		return made;
	}

	async #makeAskerHere(id: string) {
		const { DeviceAsker } = await import('./device-asker.ts');
		const model = this.#catalogue.find((entry) => entry.id === id);
		if (!model) throw new Error(`${id} is not in the catalogue`);
		return new DeviceAsker({ model, makeWorker: makeModelWorker, threads: usableThreads });
	}
}

export const [getChatPage, setChatPage] = createContext<ChatPage>();

function ownCoordinator(): URL {
	return new URL(location.origin);
}
