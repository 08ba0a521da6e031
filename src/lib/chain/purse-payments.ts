import type { Bytes } from '../protocol/bytes.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import type {
	AnswerPayments,
	DueToPay,
	JobPayment,
	JobToPay,
	PayRefusal,
	PursePay,
	Refused,
	RequesterPayments,
	SignedForDue,
	TicketOrder
} from '../p2p/payments.ts';
import { localDay, type SignedTicketRecord, type SpendingStore } from '../store/spending.ts';
import { parseAccount, type Account } from './account.ts';
import { within } from './deadline.ts';
import { faceValueFor, FREE_FACE_VALUES, RESERVE_FACE_VALUES } from './face-value.ts';
import { maxPriceNano } from './odds.ts';
import { signPay } from './pay-proof.ts';
import type { SignerLock } from './signer-lock.ts';
import { makeTicket, signTicket, ticketExpiry, type TicketTerms } from './ticket.ts';

/** The purse that pays, as it was last read from the chain. */
export interface PurseView {
	/** Global id of its network. */
	network: number;
	purse: Account;
	/** Money above rent and reserve. */
	freeNano: bigint;
	reserveNano: bigint;
	/** Unix seconds; 0 while the reserve is locked. */
	unlockAt: number;
	/** When this was read: milliseconds by the clock of `nowMs`. */
	readAtMs: number;
	/** Jobs that other tabs pay from it right now. */
	streams: number;
}

/** What the person allows, in nano. */
export interface Budgets {
	answerNano: bigint;
	dayNano: bigint;
}

export interface PursePaymentsOptions {
	/** `null` while there is no purse. Asked before every ticket. */
	view: () => PurseView | null;
	/** The purse's session key. */
	session: { publicKey: Bytes; privateKey: CryptoKey };
	budgets: () => Budgets;
	store: SpendingStore;
	/** One signer at a time, over all tabs. */
	lock: SignerLock;
	/** The coordinator's clock. */
	nowMs: () => number;
	salt?: () => Bytes;
}

/** Answers that one purse pays at the same time. */
export const MAX_STREAMS = 4;
/** A winner signed so long before the purse was read may not have been redeemed by then. */
const SETTLE_MS = 60_000;
/** How far the coordinator's clock may be behind the contributor's. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** Well within what a contributor waits for a ticket. */
const SIGN_TIMEOUT_MS = 7_000;

type Check = { ok: true; view: PurseView; faceValueNano: bigint } | Refused;

const refused = (refusal: PayRefusal): Refused => ({ ok: false, refusal });

/** Pays with tickets of one purse, within what the person allows and the purse holds. */
export class PursePayments implements RequesterPayments {
	readonly options: PursePaymentsOptions;
	/** Jobs that this page pays now. */
	readonly streams = new Set<object>();

	constructor(options: PursePaymentsOptions) {
		this.options = options;
	}

	begin(limitNano?: bigint): AnswerPayments {
		return new PaidAnswer(this, limitNano);
	}

	/** Whether tickets under these terms may be signed at all. */
	async check(terms: JobToPay['terms']): Promise<Check> {
		const { options } = this;
		const view = options.view();
		if (!view) return refused({ kind: 'no_purse' });
		const { network, purse, freeNano, reserveNano, readAtMs } = view;
		if (network !== terms.network) {
			return refused({ kind: 'network', purse: network, offer: terms.network });
		}
		if (view.unlockAt !== 0) return refused({ kind: 'unlocking' });
		const faceValueNano = faceValueFor(terms.faceValues, reserveNano);
		if (faceValueNano === null) {
			const smallest = BigInt(terms.faceValues[0] ?? 0);
			const neededNano = smallest * RESERVE_FACE_VALUES;
			return refused({ kind: 'reserve_low', reserveNano, neededNano });
		}
		if (view.streams + this.streams.size > MAX_STREAMS) {
			return refused({ kind: 'too_many_jobs', limit: MAX_STREAMS });
		}
		// What was signed since may be won and not yet paid.
		const outstandingNano = await options.store.signedSince(purse, readAtMs - SETTLE_MS);
		const neededNano = faceValueNano * FREE_FACE_VALUES + outstandingNano;
		return freeNano < neededNano
			? refused({ kind: 'purse_low', freeNano, neededNano })
			: { ok: true, view, faceValueNano };
	}
}

class PaidAnswer implements AnswerPayments {
	readonly #payments: PursePayments;
	readonly #limitNano: bigint | undefined;
	/** Of all jobs of this answer. */
	#spentNano = 0n;

	constructor(payments: PursePayments, limitNano: bigint | undefined) {
		this.#payments = payments;
		this.#limitNano = limitNano;
	}

	async open(job: JobToPay): Promise<{ ok: true; payment: JobPayment } | Refused> {
		const { streams } = this.#payments;
		const stream = {};
		const close = () => void streams.delete(stream);
		streams.add(stream);
		const opened = await this.#open(job, close).catch((error) => refused(failure(error)));
		if (!opened.ok) close();
		return opened;
	}

	async #open(
		job: JobToPay,
		close: () => void
	): Promise<{ ok: true; payment: JobPayment } | Refused> {
		const { session, nowMs } = this.#payments.options;
		const payee = parseAccount(job.terms.payout);
		if (!payee) return refused({ kind: 'terms', text: 'paid.payout: not an account' });
		const expiryText = expiryFault(job.ticketExpires, nowMs());
		if (expiryText) return refused({ kind: 'terms', text: expiryText });
		const checked = await within(this.#payments.check(job.terms), SIGN_TIMEOUT_MS, 'the purse');
		if (!checked.ok) return checked;
		const over = await this.overBudget(1n);
		if (over) return refused(over);
		const { network, purse } = checked.view;
		const { faceValueNano } = checked;
		const sig = await signPay(session.privateKey, job.transcript, job.job);
		const key = toBase64Url(session.publicKey);
		const pay: PursePay = { kind: 'purse', purse, key, sig: toBase64Url(sig) };
		const terms = { network, purse, payee, faceValueNano, expires: job.ticketExpires };
		return { ok: true, payment: new PaidJob(this.#payments, this, { job, terms, pay, close }) };
	}

	/** What would be exceeded by paying so much more. */
	async overBudget(nano: bigint): Promise<PayRefusal | null> {
		const { budgets, store, nowMs } = this.#payments.options;
		const { answerNano, dayNano } = budgets();
		const limitNano = this.#limitNano ?? answerNano;
		const neededNano = this.#spentNano + nano;
		if (neededNano > limitNano) return { kind: 'answer_limit', limitNano, neededNano };
		const today = (await store.spentOn(localDay(nowMs()))) + nano;
		return today > dayNano ? { kind: 'day_limit', limitNano: dayNano, neededNano: today } : null;
	}

	spent(nano: bigint): void {
		this.#spentNano += nano;
	}
}

interface PaidJobParts {
	job: JobToPay;
	terms: TicketTerms;
	pay: PursePay;
	close: () => void;
}

class PaidJob implements JobPayment {
	readonly pay: PursePay;
	readonly maxTicketNano: bigint;
	readonly close: () => void;
	readonly #payments: PursePayments;
	readonly #answer: PaidAnswer;
	readonly #job: JobToPay;
	readonly #terms: TicketTerms;

	constructor(payments: PursePayments, answer: PaidAnswer, parts: PaidJobParts) {
		this.#payments = payments;
		this.#answer = answer;
		this.#job = parts.job;
		this.#terms = parts.terms;
		this.pay = parts.pay;
		this.close = parts.close;
		this.maxTicketNano = maxPriceNano(parts.terms.faceValueNano);
	}

	async sign(order: DueToPay): Promise<SignedForDue | Refused> {
		try {
			const signing = this.#payments.options.lock(() => this.#signLocked(order));
			return await within(signing, SIGN_TIMEOUT_MS, 'the ticket');
		} catch (error) {
			return refused(failure(error));
		}
	}

	async #signLocked(order: DueToPay): Promise<SignedForDue | Refused> {
		const { store, session, salt = () => randomBytes(32) } = this.#payments.options;
		const known = await store.find(this.#job.job, order.seq, order.part);
		if (known) return this.#again(known, order);
		const checked = await this.#payments.check(this.#job.terms);
		if (!checked.ok) return checked;
		const { purse, faceValueNano } = this.#terms;
		if (checked.view.purse !== purse) return refused({ kind: 'no_purse' });
		const over = await this.#answer.overBudget(order.neededNano);
		if (over) return refused(over);
		const due = { priceNano: order.nano, commit: order.commit, receipt: order.receipt };
		const signed = await signTicket(session.privateKey, makeTicket(this.#terms, due, salt()));
		const at = this.#payments.options.nowMs();
		const kept = await store.add({
			...{ job: this.#job.job, seq: order.seq, part: order.part },
			...{ purse, nano: order.nano, faceValueNano, at, day: localDay(at), id: signed.id },
			commit: toBase64Url(order.commit),
			salt: toBase64Url(signed.ticket.salt),
			sig: toBase64Url(signed.signature)
		});
		const given = this.#again(kept, order);
		if (given.ok) this.#answer.spent(order.nano);
		return given;
	}

	/** The ticket that a slot has; what it was signed for, and nothing else. */
	#again(
		{ nano, commit, salt, sig, id }: SignedTicketRecord,
		order: TicketOrder & { commit: Bytes }
	): SignedForDue | Refused {
		if (nano === order.nano && commit === toBase64Url(order.commit)) {
			return { ok: true, salt, sig, id };
		}
		const text = `run ${order.seq}.${order.part}: a ticket was signed for another commit or amount`;
		return refused({ kind: 'failed', text });
	}
}

function failure(error: unknown): PayRefusal {
	return { kind: 'failed', text: error instanceof Error ? error.message : String(error) };
}

/** Tickets end with a day, and not later than tomorrow: a purse refuses others. */
function expiryFault(expires: number, nowMs: number): string | null {
	const latest = ticketExpiry(nowMs + CLOCK_TOLERANCE_MS);
	if (expires % 86_400 !== 86_399)
		return `expires: expected the last second of a day, found ${expires}`;
	if (expires > latest) return `expires: expected at most ${latest}, found ${expires}`;
	return expires * 1000 < nowMs ? `expires: expected the future, found ${expires}` : null;
}
