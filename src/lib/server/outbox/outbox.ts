import type { ChainBackend } from '../../chain/rpc.ts';
import { isRedeemed } from './is-redeemed.ts';
import type { KeptMessage, OutboxStore } from './outbox-store.ts';

export interface OutboxOptions {
	store: OutboxStore;
	backend: ChainBackend;
	onError: (error: unknown) => void;
	/** Before messages from before the start are sent, so that a start is not slowed down. */
	firstDelayMs?: number;
	firstPauseMs?: number;
	maxPauseMs?: number;
	maxWaiting?: number;
	random?: () => number;
}

export type NewMessage = Pick<KeptMessage, 'hash' | 'boc' | 'purse' | 'ticket' | 'expires'>;

const FIRST_DELAY_MS = 3_000;
const FIRST_PAUSE_MS = 15_000;
const MAX_PAUSE_MS = 600_000;
const MAX_WAITING = 2_000;
/** From then on a message that the chain has never taken may make room for another. */
const HOPELESS_ATTEMPTS = 3;
/** How long the end of a message can still be asked for. */
const REMEMBERED_MS = 86_400_000;
/** Longer than Node's timers can wait. */
const MAX_TIMER_MS = 3_600_000;

/**
 * Sends what redeems winning tickets until the purse has paid or the ticket has expired, for contributors
 * whose tab is closed. It holds signed messages and no key: it can send them or not, and change nothing.
 */
export class Outbox {
	readonly #options: Required<OutboxOptions>;
	#timer: NodeJS.Timeout | null = null;
	#sending: Promise<void> | null = null;
	#isClosed = false;

	constructor(options: OutboxOptions) {
		this.#options = {
			firstDelayMs: FIRST_DELAY_MS,
			firstPauseMs: FIRST_PAUSE_MS,
			maxPauseMs: MAX_PAUSE_MS,
			maxWaiting: MAX_WAITING,
			random: Math.random,
			...options
		};
		this.#plan(this.#options.firstDelayMs);
	}

	get(hash: string): KeptMessage | null {
		return this.#options.store.get(hash);
	}

	waitingCount(): number {
		return this.#options.store.waitingCount();
	}

	/**
	 * Keeps the message and sends it soon; `null` where there is no room. A known one can only get more time
	 * and the ticket that it lacked, so that nobody who has seen it can make us stop.
	 */
	add(message: NewMessage): KeptMessage | null {
		const { store, maxWaiting } = this.#options;
		const nowMs = Date.now();
		const known = store.get(message.hash);
		if (known) return this.#refresh(known, message);
		store.forgetSettled(nowMs - REMEMBERED_MS);
		if (store.waitingCount() >= maxWaiting && !store.dropHopeless(HOPELESS_ATTEMPTS)) return null;
		return this.#keep({
			...message,
			...{ state: 'waiting', attempts: 0, accepted: 0, next: nowMs, error: null }
		});
	}

	#refresh(known: KeptMessage, { expires, ticket }: NewMessage): KeptMessage {
		if (known.state === 'redeemed') return known;
		return this.#keep({
			...known,
			ticket: known.ticket ?? ticket,
			expires: Math.max(known.expires, expires),
			state: 'waiting'
		});
	}

	#keep(message: KeptMessage): KeptMessage {
		this.#options.store.save(message);
		this.#plan(0);
		return message;
	}

	/** Finishes the message under way; the others stay in the store. */
	async close(): Promise<void> {
		this.#isClosed = true;
		if (this.#timer) clearTimeout(this.#timer);
		await this.#sending;
		this.#options.store.close();
	}

	/** Looks for what is due after `atLeastMs`. */
	#plan(atLeastMs: number): void {
		if (this.#isClosed || this.#sending) return;
		const next = this.#options.store.nextWaiting();
		if (this.#timer) clearTimeout(this.#timer);
		this.#timer = null;
		if (!next) return;
		const waitMs = Math.min(MAX_TIMER_MS, Math.max(atLeastMs, next.next - Date.now()));
		this.#timer = setTimeout(() => {
			this.#sending = this.#sendDue()
				.catch(this.#options.onError)
				.finally(() => {
					this.#sending = null;
					this.#plan(0);
				});
		}, waitMs);
		// Nobody needs a process that only waits for this.
		this.#timer.unref();
	}

	/** One after the other: a chain's endpoint has a limit, and pages come first. */
	async #sendDue(): Promise<void> {
		for (;;) {
			const message = this.#options.store.nextWaiting();
			if (!message || message.next > Date.now() || this.#isClosed) return;
			const changes = await this.#advance(message);
			if (this.#isClosed) return;
			// It may have got more time meanwhile.
			const now = this.#options.store.get(message.hash) ?? message;
			this.#options.store.save({ ...now, ...changes });
		}
	}

	async #advance(message: KeptMessage): Promise<Partial<KeptMessage>> {
		if (message.expires <= Date.now()) return { state: 'expired' };
		const { backend } = this.#options;
		const { purse, ticket, boc, attempts, accepted } = message;
		if (ticket !== null && (await isRedeemed(backend, purse, ticket))) {
			return { state: 'redeemed', error: null };
		}
		const reply = await backend.call({ method: 'sendBoc', params: { boc } });
		return {
			attempts: attempts + 1,
			accepted: accepted + (reply.ok ? 1 : 0),
			error: reply.ok ? null : reply.error,
			next: Math.min(Date.now() + this.#pauseMs(attempts), message.expires)
		};
	}

	/** Full jitter between half and all of a pause that doubles each time. */
	#pauseMs(attempts: number): number {
		const { firstPauseMs, maxPauseMs, random } = this.#options;
		const ceilingMs = Math.min(maxPauseMs, firstPauseMs * 2 ** Math.min(attempts, 20));
		return Math.round(ceilingMs * (0.5 + random() / 2));
	}
}
