/**
 * What paid jobs need of whoever pays and whoever is paid. Sessions know neither purses nor chains:
 * `chain/` implements both sides, and the page joins them when somebody wants paid jobs.
 */
import type { Bytes } from '../protocol/bytes.ts';
import type { FrameOf } from '../protocol/frames.ts';
import type { JobId } from '../protocol/ids.ts';
import type { Pay } from '../protocol/job.ts';
import type { PaidTerms } from '../protocol/offer.ts';

export type PursePay = Extract<Pay, { kind: 'purse' }>;

/** Which ticket: the run, and the part of its price. */
export interface TicketSlot {
	seq: number;
	part: number;
}

export interface TicketOrder extends TicketSlot {
	nano: bigint;
	/** The running state that the ticket names, 32 bytes. */
	receipt: Bytes;
}

/** A `due` that the requester is about to pay. */
export interface DueToPay extends TicketOrder {
	commit: Bytes;
	/** With less this ticket is of no use: of the prompt, all of it and the first run. */
	neededNano: bigint;
}

// The requester's side.

/** Why a job is not paid, or not paid any further. A page turns it into a question or a next step. */
export type PayRefusal =
	| { kind: 'no_purse' }
	/** Purse and contributor are on different networks. */
	| { kind: 'network'; purse: number; offer: number }
	/** The purse is about to be emptied by its owner. */
	| { kind: 'unlocking' }
	/** None of the face values that the contributor takes fits the reserve. */
	| { kind: 'reserve_low'; reserveNano: bigint; neededNano: bigint }
	/** Time for a top-up. */
	| { kind: 'purse_low'; freeNano: bigint; neededNano: bigint }
	| { kind: 'answer_limit'; limitNano: bigint; neededNano: bigint }
	| { kind: 'day_limit'; limitNano: bigint; neededNano: bigint }
	| { kind: 'too_many_jobs'; limit: number }
	/** What the contributor asks for cannot be paid with tickets: `text` names the field. */
	| { kind: 'terms'; text: string }
	/** Far less text comes a token than from this model elsewhere. */
	| { kind: 'thin_text'; bytesPerToken: number; expected: number }
	/** The ticket could not be signed or stored: `text` is for reports. */
	| { kind: 'failed'; text: string };

export type Refused = { ok: false; refusal: PayRefusal };

/** A job that is to be paid, before it is sent. */
export interface JobToPay {
	job: JobId;
	/** T of the handshake of the link that the job will go by. */
	transcript: Bytes;
	/** Of the link's terms. */
	terms: PaidTerms;
	/** Unix seconds, the last in which a ticket holds. */
	ticketExpires: number;
}

export interface SignedForDue {
	ok: true;
	salt: string;
	sig: string;
	/** The ticket's id, 32 bytes: receipts count tickets by it. */
	id: Bytes;
}

/** Pays one job. */
export interface JobPayment {
	/** For the job frame. */
	readonly pay: PursePay;
	readonly maxTicketNano: bigint;
	/**
	 * The ticket for a `due`, stored before this resolves. The same slot gives the same ticket again;
	 * never a second one. Does not reject.
	 */
	sign(due: DueToPay): Promise<SignedForDue | Refused>;
	/** No more tickets are wanted. */
	close(): void;
}

/** Pays one answer, over as many jobs as it takes; its limit is for all of them together. */
export interface AnswerPayments {
	open(job: JobToPay): Promise<{ ok: true; payment: JobPayment } | Refused>;
}

export interface RequesterPayments {
	/** @param limitNano in place of the person's usual limit for an answer */
	begin(limitNano?: bigint): AnswerPayments;
}

// The contributor's side.

/** Why a contributor does not go on with a paid job; goes into a `refuse` or a `bye`. */
export interface PayFault {
	code: 'unpaid' | 'bad_ticket' | 'purse_unfit' | 'not_allowed' | 'unsupported' | 'too_long';
	text: string;
	field?: string;
}

export type Faulty = { ok: false; fault: PayFault };

export interface JobToEarn {
	job: JobId;
	pay: PursePay;
	transcript: Bytes;
	/** The terms of the link by which the job came. */
	terms: PaidTerms;
	ticketExpires: number;
}

/** How a paid job ended, in nano. */
export interface JobEarned {
	costNano: bigint;
	/** What its tickets were worth. */
	paidNano: bigint;
	/** Of the cost, what neither tickets nor credit covered. */
	unpaidNano: bigint;
}

/** Is paid for one job. */
export interface JobIncome {
	/** Limits count by it. */
	readonly purse: string;
	/** Waits for the look at the purse, which runs while the prompt is read. Does not reject. */
	ready(): Promise<{ ok: true; maxTicketNano: bigint } | Faulty>;
	/** A fresh commit for each slot, the same one whenever it is asked again. */
	commit(slot: TicketSlot): Promise<Bytes>;
	/** Checks a ticket and draws it. A winner is stored before this resolves. Does not reject. */
	take(
		order: TicketOrder & { commit: Bytes },
		ticket: Pick<FrameOf<'ticket'>, 'salt' | 'sig'>
	): Promise<{ ok: true; id: Bytes } | Faulty>;
	/** The job is over; called once. */
	close(earned: JobEarned): void;
}

export interface ContributorPayments {
	/** For offers. */
	readonly terms: PaidTerms;
	/** When tickets expire that are asked for under terms sent now: Unix seconds. */
	ticketExpires(): number;
	/** Checks who pays, by signature alone; the chain is looked at meanwhile. Does not reject. */
	open(job: JobToEarn): Promise<{ ok: true; income: JobIncome } | Faulty>;
}
