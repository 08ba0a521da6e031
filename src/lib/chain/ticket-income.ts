import { fromBase64Url, toHex, type Bytes } from '../protocol/bytes.ts';
import type { FrameOf } from '../protocol/frames.ts';
import { parsePublicKey } from '../protocol/keys.ts';
import type { PaidTerms } from '../protocol/offer.ts';
import type {
	ContributorPayments,
	Faulty,
	JobEarned,
	JobIncome,
	JobToEarn,
	PayFault,
	TicketOrder,
	TicketSlot
} from '../p2p/payments.ts';
import type { StoredWinner } from '../store/earning-records.ts';
import type { EarningsStore } from '../store/earnings.ts';
import { parseAccount, type Account } from './account.ts';
import { commitTo, isWinning, ticketSecret } from './draw.ts';
import { within } from './deadline.ts';
import { maxPriceNano } from './odds.ts';
import { verifyPay } from './pay-proof.ts';
import { PurseBook } from './purse-book.ts';
import type { PursePort } from './purse-port.ts';
import type { PurseWatch } from './purse-watch.ts';
import { ticketExpiry, ticketFromWire, type SignedTicket, type TicketTerms } from './ticket.ts';

/** Where winners go; see `Redeemer`. */
export interface WinnerSink {
	/** A winner that is stored already, unless storing failed. */
	add(winner: StoredWinner): void;
	/** Whether this purse has not paid a winner that it should have paid by now. */
	isOverdue(purse: Account): boolean;
}

export interface TicketIncomeOptions {
	terms: PaidTerms;
	port: PursePort;
	store: EarningsStore;
	winners: WinnerSink;
	/** See `loadLastingSecret`. */
	lastingSecret: CryptoKey;
	/** The coordinator's clock. */
	nowMs: () => number;
	/** A steady clock in milliseconds. */
	steadyMs?: () => number;
	lookTimeoutMs?: number;
}

const LOOK_TIMEOUT_MS = 10_000;
const STORE_TIMEOUT_MS = 5_000;
/** Tickets after which a job's sum is written down; at its end it is anyway. */
const TALLY_TICKETS = 10;

const faulty = (code: PayFault['code'], text: string, field?: string): Faulty => ({
	ok: false,
	fault: field === undefined ? { code, text } : { code, text, field }
});

/** A contributor's side of tickets: checks who pays and each ticket, draws it, and keeps what it won. */
export class TicketIncome implements ContributorPayments {
	readonly terms: PaidTerms;
	readonly options: TicketIncomeOptions;
	readonly book: PurseBook;

	constructor(options: TicketIncomeOptions) {
		this.options = options;
		this.terms = options.terms;
		const { steadyMs = () => performance.now() } = options;
		this.book = new PurseBook(options.port, steadyMs);
	}

	ticketExpires(): number {
		return ticketExpiry(this.options.nowMs());
	}

	async open(job: JobToEarn): Promise<{ ok: true; income: JobIncome } | Faulty> {
		const { pay, transcript } = job;
		const purse = parseAccount(pay.purse);
		const key = parsePublicKey(pay.key);
		const sig = fromBase64Url(pay.sig);
		if (!purse) return faulty('unsupported', 'expected an account of workchain 0', 'pay.purse');
		// Under the zero key, or another of small order, anybody could sign.
		if (!key) return faulty('purse_unfit', 'not a usable Ed25519 key', 'pay.key');
		if (!sig || !(await verifyPay(key, sig, transcript, job.job))) {
			return faulty('purse_unfit', 'not a signature for this job and link', 'pay.sig');
		}
		if (this.book.isBanned(purse)) {
			return faulty('not_allowed', 'jobs of this purse were left unpaid', 'pay.purse');
		}
		if (this.options.winners.isOverdue(purse)) {
			return faulty('purse_unfit', 'the purse has not paid a winning ticket', 'pay.purse');
		}
		const watch = this.book.watch(purse);
		// While the prompt is read: nobody waits for the chain before there is something to pay.
		const looked = watch.fresh();
		return { ok: true, income: new TicketJob(this, { job, key, purse, watch, looked }) };
	}
}

interface TicketJobParts {
	job: JobToEarn;
	key: Bytes;
	purse: Account;
	watch: PurseWatch;
	looked: Promise<void>;
}

type Taken = { ok: true; id: Bytes } | Faulty;

class TicketJob implements JobIncome {
	readonly purse: Account;
	readonly #income: TicketIncome;
	readonly #parts: TicketJobParts;
	#terms: TicketTerms | null = null;
	#startedAt = 0;
	#tickets = 0;
	#expectedNano = 0n;

	constructor(income: TicketIncome, parts: TicketJobParts) {
		this.#income = income;
		this.#parts = parts;
		this.purse = parts.purse;
	}

	async ready(): Promise<{ ok: true; maxTicketNano: bigint } | Faulty> {
		const { lookTimeoutMs = LOOK_TIMEOUT_MS } = this.#income.options;
		await within(this.#parts.looked, lookTimeoutMs, 'the purse').catch(() => {});
		const { job, purse } = this.#parts;
		const fit = this.#fitness();
		const payee = parseAccount(job.terms.payout);
		if (!fit.ok) return faulty('purse_unfit', fit.text, 'pay.purse');
		if (!payee) return faulty('unsupported', 'paid.payout: not an account', 'pay');
		const { network } = job.terms;
		const { faceValueNano } = fit;
		this.#terms = { network, purse, payee, faceValueNano, expires: job.ticketExpires };
		return { ok: true, maxTicketNano: maxPriceNano(faceValueNano) };
	}

	async commit(slot: TicketSlot): Promise<Bytes> {
		return commitTo(await this.#secret(slot));
	}

	async take(
		order: TicketOrder & { commit: Bytes },
		wire: Pick<FrameOf<'ticket'>, 'salt' | 'sig'>
	): Promise<Taken> {
		const terms = this.#terms;
		const { key, watch } = this.#parts;
		if (!terms) return faulty('bad_ticket', 'a ticket before the purse was looked at');
		const fit = this.#fitness();
		if (!fit.ok) return faulty('purse_unfit', fit.text, 'pay.purse');
		if (this.#income.options.winners.isOverdue(this.purse)) {
			return faulty('purse_unfit', 'the purse has not paid a winning ticket', 'pay.purse');
		}
		const due = { priceNano: order.nano, commit: order.commit, receipt: order.receipt };
		const signed = await ticketFromWire(key, terms, due, wire);
		if (!signed) return faulty('bad_ticket', `run ${order.seq}: the ticket does not fit its due`);
		if (!this.#income.book.isFreshSalt(wire.salt)) {
			return faulty('bad_ticket', `run ${order.seq}: the salt was used before`);
		}
		const secret = await this.#secret(order);
		const hasWon = await isWinning(secret, signed.id, signed.ticket.odds);
		if (hasWon) await this.#won(signed, secret);
		this.#count(order.nano);
		watch.accepted(order.nano, terms.faceValueNano);
		return { ok: true, id: signed.id };
	}

	close({ unpaidNano }: JobEarned): void {
		// Only where it was asked to pay: a chain that cannot be asked is not its fault.
		if (unpaidNano > 0n && this.#terms) this.#income.book.strike(this.purse);
		if (this.#tickets > 0) void this.#tally();
	}

	#fitness() {
		const { key, watch, job } = this.#parts;
		return watch.fitness(key, job.terms.faceValues);
	}

	/** The same for a slot whenever it is asked, and another for every slot of every link. */
	#secret({ seq, part }: TicketSlot): Promise<Bytes> {
		const { transcript, job } = this.#parts.job;
		return ticketSecret(this.#income.options.lastingSecret, { transcript, job, seq, part });
	}

	/** Before anything else happens the winner is on the disk. */
	async #won({ ticket, id, signature }: SignedTicket, secret: Bytes): Promise<void> {
		const { store, winners, nowMs } = this.#income.options;
		const { network, purse, payee, faceValueNano, odds, expires, commit, salt, receipt } = ticket;
		const winner: StoredWinner = {
			...{ id: toHex(id), job: this.#parts.job.job, wonAt: nowMs() },
			...{ network, purse, payee, faceValueNano, odds, expires, commit, salt, receipt },
			...{ secret, signature },
			...{ state: 'open', attempts: 0, nextAt: 0, error: null },
			...{ seenAt: null, isInOutbox: false, payout: null }
		};
		// A full disk, or one that hangs, is no reason to give money away: it is redeemed from memory then.
		await within(store.addWinner(winner), STORE_TIMEOUT_MS, 'the winner').catch(() => {});
		winners.add(winner);
		void this.#parts.watch.look();
	}

	#count(nano: bigint): void {
		this.#startedAt ||= this.#income.options.nowMs();
		this.#expectedNano += nano;
		if (++this.#tickets % TALLY_TICKETS === 1) void this.#tally();
	}

	async #tally(): Promise<void> {
		const { job } = this.#parts.job;
		const { network } = this.#income.terms;
		const sums = { tickets: this.#tickets, expectedNano: this.#expectedNano };
		const at = this.#startedAt;
		// Figures for the page; nothing depends on them.
		await this.#income.options.store
			.putTickets({ job, at, network, purse: this.purse, ...sums })
			.catch(() => {});
	}
}
