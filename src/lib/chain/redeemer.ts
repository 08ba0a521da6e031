import { fromHex, type Bytes } from '../protocol/bytes.ts';
import type { StoredWinner } from '../store/earning-records.ts';
import type { EarningsStore } from '../store/earnings.ts';
import { parseAccount, type Account } from './account.ts';
import type { Redeem } from './contracts/purse-messages.ts';
import type { OutboxPort, PursePort } from './purse-port.ts';
import type { WinnerSink } from './ticket-income.ts';

export interface RedeemerOptions {
	port: PursePort;
	outbox: OutboxPort;
	store: EarningsStore;
	/** The coordinator's clock: a wrong one here must not make a ticket look expired. */
	nowMs: () => number;
	/** Global id of the chain behind `port`: winners of others are left alone. All, where it is absent. */
	network?: number;
	/** A winner has come further. */
	onChange?: (winner: StoredWinner) => void;
	random?: () => number;
	pauses?: Partial<RedeemerPauses>;
}

export interface RedeemerPauses {
	/** Between sending and looking, doubled each time. */
	firstMs: number;
	maxMs: number;
	/** A payout counts when it is still there after so long. */
	finalMs: number;
	/** From then on a purse that has not paid is not served. */
	overdueMs: number;
}

const PAUSES: RedeemerPauses = {
	firstMs: 3_000,
	maxMs: 600_000,
	finalMs: 10_000,
	overdueMs: 60_000
};
/** How many times that long its transaction is looked for, to know what it brought. */
const LOOK_FOR_PAYOUT = 6;
/** A block may be dated a little later than this clock says. */
const AFTER_EXPIRY_MS = 60_000;

/**
 * Redeems winners: each is sent at once and again until its purse has paid or the ticket has expired, also
 * after a reload. The chain pays a ticket once, however often it is sent.
 */
export class Redeemer implements WinnerSink {
	readonly #options: RedeemerOptions;
	readonly #pauses: RedeemerPauses;
	readonly #pending = new Map<string, StoredWinner>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#working: Promise<void> | null = null;
	#isStopped = false;

	constructor(options: RedeemerOptions) {
		this.#options = options;
		this.#pauses = { ...PAUSES, ...options.pauses };
	}

	/** Goes on with what an earlier page left. */
	async resume(): Promise<void> {
		const { store, network } = this.#options;
		for (const winner of await store.pendingWinners(network)) {
			if (!this.#pending.has(winner.id)) this.#pending.set(winner.id, { ...winner, nextAt: 0 });
		}
		this.#plan();
	}

	add(winner: StoredWinner): void {
		this.#pending.set(winner.id, winner);
		this.#plan();
	}

	isOverdue(purse: Account): boolean {
		const before = this.#options.nowMs() - this.#pauses.overdueMs;
		return [...this.#pending.values()].some(
			(winner) => winner.purse === purse && winner.state === 'open' && winner.wonAt < before
		);
	}

	/** Winners that are not settled. */
	get pending(): readonly StoredWinner[] {
		return [...this.#pending.values()];
	}

	stop(): void {
		this.#isStopped = true;
		clearTimeout(this.#timer);
	}

	/** One timer, for whichever winner is next. */
	#plan(): void {
		if (this.#working || this.#isStopped || this.#pending.size === 0) return;
		clearTimeout(this.#timer);
		const next = Math.min(...[...this.#pending.values()].map(({ nextAt }) => nextAt));
		const waitMs = Math.min(this.#pauses.maxMs, Math.max(0, next - this.#options.nowMs()));
		this.#timer = setTimeout(() => {
			this.#working = this.#work().finally(() => {
				this.#working = null;
				this.#plan();
			});
		}, waitMs);
	}

	async #work(): Promise<void> {
		for (const winner of [...this.#pending.values()]) {
			if (this.#isStopped || winner.nextAt > this.#options.nowMs()) continue;
			const changes = await this.#advance(winner).catch((error: unknown) =>
				this.#again(winner, error)
			);
			const after = { ...winner, ...changes };
			const isSettled = after.state === 'paid' || after.state === 'expired';
			if (isSettled) this.#pending.delete(winner.id);
			else this.#pending.set(winner.id, after);
			// What could not be stored is settled in memory all the same.
			await this.#options.store.updateWinner(winner.id, changes).catch(() => null);
			this.#options.onChange?.(after);
		}
	}

	async #advance(winner: StoredWinner): Promise<Partial<StoredWinner>> {
		const { port, nowMs } = this.#options;
		const redeem = redeemOf(winner);
		const { purse } = redeem.ticket;
		// A first attempt does not lose time with asking.
		const isNew = winner.attempts === 0 && winner.state === 'open';
		if (!isNew && (await port.isRedeemed(purse, idOf(winner)))) return this.#seen(winner, purse);
		if (nowMs() > winner.expires * 1000 + AFTER_EXPIRY_MS) return { state: 'expired' };
		const message = await port.redeemMessage(redeem);
		const { id: ticket, expires } = winner;
		const [sent, kept] = await Promise.allSettled([
			port.send(message),
			winner.isInOutbox ? null : this.#options.outbox.post({ boc: message, ticket, expires })
		]);
		const error = sent.status === 'rejected' ? sent.reason : null;
		// A block that was taken back takes the payout with it.
		const state = 'open';
		const isInOutbox = kept.status === 'fulfilled';
		return { ...this.#again(winner, error), state, seenAt: null, isInOutbox };
	}

	/** The purse says that it paid. */
	async #seen(winner: StoredWinner, purse: Account): Promise<Partial<StoredWinner>> {
		const { port, nowMs } = this.#options;
		const { finalMs } = this.#pauses;
		const seenAt = winner.seenAt ?? nowMs();
		if (nowMs() - seenAt < finalMs) {
			return { state: 'seen', seenAt, error: null, nextAt: seenAt + finalMs };
		}
		const payout = await port.payout(purse, idOf(winner));
		if (!payout && nowMs() - seenAt < LOOK_FOR_PAYOUT * finalMs) {
			return { state: 'seen', seenAt, nextAt: nowMs() + finalMs };
		}
		if (!payout) return { state: 'paid', error: 'its transaction was not found' };
		const feeNano = winner.faceValueNano - payout.paidNano;
		return { state: 'paid', error: null, payout: { ...payout, feeNano } };
	}

	#again(winner: StoredWinner, error: unknown): Partial<StoredWinner> {
		const { nowMs, random = Math.random } = this.#options;
		const { firstMs, maxMs } = this.#pauses;
		const pauseMs = Math.min(maxMs, firstMs * 2 ** Math.min(winner.attempts, 20));
		return {
			attempts: winner.attempts + 1,
			nextAt: nowMs() + pauseMs * (0.5 + random() / 2),
			error: error === null ? null : error instanceof Error ? error.message : String(error)
		};
	}
}

function idOf({ id }: StoredWinner): Bytes {
	const bytes = fromHex(id);
	if (bytes?.length !== 32) throw new TypeError(`id: expected 32 bytes as hex, found ${id}`);
	return bytes;
}

function redeemOf(winner: StoredWinner): Redeem {
	const { network, faceValueNano, odds, expires, commit, salt, receipt } = winner;
	const purse = parseAccount(winner.purse);
	const payee = parseAccount(winner.payee);
	if (!purse || !payee) throw new TypeError('winner: expected accounts of workchain 0');
	return {
		secret: winner.secret,
		signature: winner.signature,
		ticket: { network, purse, payee, faceValueNano, odds, expires, commit, salt, receipt }
	};
}
