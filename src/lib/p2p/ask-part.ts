import type { OfferSource } from '../directory/directory-client.ts';
import { PaymentPlan, pricesOf } from '../protocol/amounts.ts';
import type { JobFrame } from '../protocol/frames.ts';
import type { PeerId } from '../protocol/ids.ts';
import type { Finish } from '../protocol/job.ts';
import type { AnswerEvent, AnswerFailure } from './answer-events.ts';
import type { Answer } from './answer.ts';
import type { Connect, Connection } from './connect.ts';
import type { Link } from './link.ts';
import { PaidPart } from './paid-part.ts';
import { PartOnLinks, type PartTimeouts, type Stretch } from './part-on-links.ts';
import type { AnswerPayments, JobPayment, PayRefusal, Refused } from './payments.ts';
import type { ReceivedPart } from './received-part.ts';
import { recover } from './recovery.ts';

export interface AskPartOptions {
	answer: Answer;
	connection: Connection;
	directory: OfferSource;
	connect: Connect;
	exclude: readonly PeerId[];
	timeouts: Partial<PartTimeouts>;
	/** Pays the answer; `null` for a free one. */
	payments: AnswerPayments | null;
	signal: AbortSignal;
}

export type PartOutcome =
	| { kind: 'done'; finish: Finish; connection: Connection }
	| { kind: 'cancelled' }
	| { kind: 'unpaid'; refusal: PayRefusal; connection: Connection | null }
	| { kind: 'refused'; failure: AnswerFailure; isFinal: boolean }
	| { kind: 'lost'; failure: AnswerFailure; next: Connection | null }
	| { kind: 'cheated'; text: string };

/** One contributor's part of an answer, over as many links as resuming it takes. */
export async function* askPart(options: AskPartOptions): AsyncGenerator<AnswerEvent, PartOutcome> {
	const { answer, connection } = options;
	const contributor = connection.offer.peer;
	const isContinuation = answer.text !== '';
	if (isContinuation && !answer.isContinuable) {
		answer.startAnew();
		yield { kind: 'restarted', contributor };
	} else if (isContinuation) yield { kind: 'continued', contributor };
	const begun = await begin(options);
	if ('kind' in begun) return begun;
	try {
		return yield* followPart(options, begun.part);
	} finally {
		begun.part.paid?.close();
	}
}

/** Sends the job, agreed and paid for as the terms of its link say. */
async function begin(options: AskPartOptions): Promise<{ part: ReceivedPart } | PartOutcome> {
	const { answer, connection } = options;
	const { link } = connection;
	const free = await answer.jobFor(connection);
	const opened = await openPayment(options, free.id);
	if (!opened.ok) {
		link.bye('cancelled', 'the job cannot be paid');
		const failure: AnswerFailure = { kind: 'unpaid', refusal: opened.refusal };
		return { kind: 'refused', failure, isFinal: !isOfThisOffer(opened.refusal) };
	}
	const { payment } = opened;
	const fault = payment && priceFault(payment, connection, free);
	if (fault) {
		payment.close();
		link.bye('cancelled', 'the price cannot be paid with tickets');
		const refusal: PayRefusal = { kind: 'terms', text: fault };
		return { kind: 'refused', failure: { kind: 'unpaid', refusal }, isFinal: false };
	}
	const job = payment ? { ...free, pay: payment.pay } : free;
	const jobText = sendJob(link, job);
	if (jobText === null) {
		payment?.close();
		link.bye('cancelled', 'the question is too long to send');
		const text = 'the question is larger than a frame can be';
		const failure: AnswerFailure = { kind: 'refused', code: 'too_long', text };
		return { kind: 'refused', failure, isFinal: true };
	}
	link.beat = 'job';
	const paid = payment && new PaidPart(payment, connection, job);
	return { part: answer.begin(connection, job, jobText, paid) };
}

async function* followPart(
	options: AskPartOptions,
	part: ReceivedPart
): AsyncGenerator<AnswerEvent, PartOutcome> {
	const { answer, signal } = options;
	const asking = new PartOnLinks(part, options);
	let { connection } = options;
	for (;;) {
		const { link } = connection;
		let stretch: Stretch;
		try {
			stretch = yield* asking.follow(link);
		} finally {
			// Also when the page stops listening: nobody generates for nobody.
			if (!asking.isOver) link.bye('cancelled', 'the requester left');
		}
		const { creditNano } = part;
		switch (stretch.kind) {
			case 'finished':
				return { kind: 'done', finish: stretch.finish, connection: { ...connection, creditNano } };
			case 'unpaid':
				return { ...stretch, connection: link.end ? null : { ...connection, creditNano } };
			case 'cancelled':
			case 'cheated':
				return stretch;
			case 'refused':
				answer.drop(part);
				return stretch;
		}
		const failure: AnswerFailure = { kind: 'lost', code: stretch.code, text: stretch.text };
		if (signal.aborted) return { kind: 'cancelled' };
		if (part.text !== '') yield { kind: 'interrupted' };
		const recovery = await recover({
			...options,
			part,
			wanted: { ...answer.wanted, digest: part.job.digest },
			resumeToken: asking.resumeToken ?? '',
			canResume: stretch.canResume && asking.resumeToken !== null
		});
		if (signal.aborted) {
			if (recovery.kind !== 'none') recovery.connection.link.bye('cancelled', 'stopped');
			return { kind: 'cancelled' };
		}
		if (recovery.kind !== 'resumed') {
			return { kind: 'lost', failure, next: recovery.kind === 'next' ? recovery.connection : null };
		}
		// What comes next on this link is asked under its own terms.
		({ connection } = recovery);
		yield { kind: 'resumed', contributor: connection.offer.peer };
	}
}

async function openPayment(
	{ payments, connection }: AskPartOptions,
	job: JobFrame['id']
): Promise<{ ok: true; payment: JobPayment | null } | Refused> {
	if (!payments) return { ok: true, payment: null };
	const { transcript, ticketExpires } = connection;
	const terms = connection.offer.offer.paid;
	if (terms) return payments.open({ job, transcript, terms, ticketExpires });
	return { ok: false, refusal: { kind: 'terms', text: 'paid: this contributor takes no tickets' } };
}

/** What no number of tickets can pay is not asked for at all. */
function priceFault(
	{ maxTicketNano }: JobPayment,
	{ model, chunkTokens }: Connection,
	{ sampling }: JobFrame
): string | null {
	const prices = pricesOf(model);
	const maxTokens = sampling.max_tokens;
	const counts = { promptTokens: 0, chunkTokens, maxTokens, maxTicketNano, creditNano: 0n };
	return new PaymentPlan({ prices, ...counts }).fault;
}

/** Whether another contributor may be payable where this one is not. */
function isOfThisOffer({ kind }: PayRefusal): boolean {
	return kind === 'terms' || kind === 'network' || kind === 'reserve_low';
}

/** The job's text as it was sent, or null where it is too large for a frame. */
function sendJob(link: Link, job: JobFrame): string | null {
	try {
		return link.send(job);
	} catch (error) {
		if (error instanceof RangeError) return null;
		throw error;
	}
}
