import { pricesOf } from '../protocol/amounts.ts';
import { equalBytes, fromBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { Code, Frame, FrameOf, JobFrame } from '../protocol/frames.ts';
import type { JobId } from '../protocol/ids.ts';
import type { Offer } from '../protocol/offer.ts';
import type { JobQueue } from './job-queue.ts';
import type { ReceiptContext } from './job-receipt.ts';
import type { Link, Received } from './link.ts';
import type { ContributorPayments, JobIncome } from './payments.ts';
import { ServedJob, type ServedJobOptions } from './served-job.ts';

/** Frames of a cancelled job that were under way are dropped for so long. */
const CANCELLED_GRACE_MS = 10_000;

export interface SessionTerms {
	/** The offer of this link's terms, signed and parsed. */
	jws: string;
	offer: Offer;
	chunkTokens: number;
	/** Unix seconds, the last in which a ticket for these terms holds. */
	expires: number;
}

export interface SessionOptions {
	terms: SessionTerms;
	/** T of the handshake. */
	transcript: Bytes;
	/** The requester's key, as it proved it. */
	requester: Bytes;
	queue: JobQueue;
	/** `null` while only free jobs are served. */
	payments: () => ContributorPayments | null;
	/** The field of these terms that no longer holds for a new job, if there is one. */
	changedTerm: (pay: 'free' | 'purse') => string | null;
	ticketTimeoutMs?: number;
	/** Whether no new jobs are taken: paused or about to stop. */
	isDraining: () => boolean;
	serve: Pick<ServedJobOptions, 'privateKey' | 'generator' | 'onProgress'>;
	receipts: Pick<ReceiptContext, 'engineVersion' | 'nowMs'>;
	tokensPerSecond: () => number;
}

/**
 * The contributor's side of one authenticated link, until it ends: sends the terms, takes jobs,
 * answers everything else a requester may say. What is not allowed ends the link with `bye`.
 */
export async function serveRequester(link: Link, options: SessionOptions): Promise<void> {
	const { terms } = options;
	const { chunkTokens, expires } = terms;
	link.send({ t: 'terms', offer: terms.jws, chunkTokens, expires });
	const cancelled = new Map<JobId, number>();
	for (;;) {
		const received = await link.next();
		if (received.kind === 'frame' || received.kind === 'refused') {
			await handle(link, options, received, cancelled);
		} else break;
	}
	// Who said goodbye does not come back for its job; who just vanished may.
	if (link.end?.code === null) options.queue.detach(link);
	else options.queue.dropAllOf(link);
}

function handle(
	link: Link,
	options: SessionOptions,
	received: Received,
	cancelled: Map<JobId, number>
): Promise<void> | void {
	if (received.kind === 'refused') {
		return refuse(link, received.job, 'unsupported', received.text, received.field);
	}
	const { frame } = received;
	const { queue } = options;
	switch (frame.t) {
		case 'job':
			return takeJob(link, options, frame, received.text);
		case 'resume':
			return resume(link, queue, frame);
		case 'ticket':
			return takeTicket(link, queue, frame);
		case 'ack':
		case 'cancel':
			return forJob(link, queue, frame, cancelled);
		case 'probe':
			link.send({
				t: 'estimate',
				slots: options.isDraining() || queue.running ? 0 : 1,
				waitMs: queue.waitMs,
				tokensPerSecond: options.tokensPerSecond()
			});
			return;
		default:
			return link.bye('protocol', `a contributor does not expect ${frame.t}`);
	}
}

async function takeJob(
	link: Link,
	options: SessionOptions,
	frame: JobFrame,
	frameText: string
): Promise<void> {
	const { queue, terms, requester, serve, receipts } = options;
	const fault = faultOf(link, frame, options);
	if (fault) return refuse(link, frame.id, fault.code, fault.text, fault.field);
	const paid = frame.pay.kind === 'free' ? null : await openIncome(options, frame);
	if (paid && !paid.ok) {
		const { code, text, field } = paid.fault;
		return refuse(link, frame.id, code, text, field);
	}
	const job = new ServedJob({
		...serve,
		frame,
		frameText,
		offer: terms.jws,
		chunkTokens: terms.chunkTokens,
		receipt: { ...receipts, offer: terms.offer, requester },
		...(paid && { paid: payTerms(link, options, frame, paid.income) })
	});
	const place = queue.add(job);
	if (place === null) {
		job.abandon();
		queue.credits.set(link, job.credit);
		return refuse(link, frame.id, 'busy', 'the queue is full');
	}
	link.beat = 'job';
	const waitMs = queue.waitMsAt(place);
	link.send({ t: 'accept', job: job.id, place, waitMs, resume: job.resumeToken });
	queue.attach(job, link, 0);
}

async function openIncome(
	{ payments, terms, transcript, queue }: SessionOptions,
	{ id, pay }: JobFrame
): ReturnType<ContributorPayments['open']> {
	const taken = payments();
	if (pay.kind === 'free' || !taken || !terms.offer.paid) {
		return { ok: false, fault: { code: 'unsupported', text: 'not paid here', field: 'pay.kind' } };
	}
	const opened = await taken.open({
		...{ job: id, pay, transcript },
		terms: terms.offer.paid,
		ticketExpires: terms.expires
	});
	if (!opened.ok || !queue.openJobOfPurse(pay.purse)) return opened;
	const text = 'one job at a time of a purse';
	return { ok: false, fault: { code: 'not_allowed', text, field: 'pay.purse' } };
}

function payTerms(
	link: Link,
	{ terms, queue, ticketTimeoutMs }: SessionOptions,
	{ model }: JobFrame,
	income: JobIncome
): NonNullable<ServedJobOptions['paid']> {
	const offered = terms.offer.models.find(({ id }) => id === model);
	if (!offered) throw new TypeError(`model: expected an offered one, found ${model}`);
	const credit = queue.credits.get(link);
	const creditNano = credit?.nano ?? 0n;
	if (credit) credit.nano = 0n;
	return {
		...{ income, creditNano, prices: pricesOf(offered) },
		...(ticketTimeoutMs === undefined ? {} : { ticketTimeoutMs })
	};
}

interface Fault {
	code: Code;
	text: string;
	field?: string;
}

/** What speaks against this job before any work is done; `null` if nothing does. */
function faultOf(link: Link, frame: JobFrame, options: SessionOptions): Fault | null {
	const { queue, terms } = options;
	const model = terms.offer.models.find(({ id }) => id === frame.model);
	if (options.isDraining()) return { code: 'draining', text: 'this contributor is pausing' };
	if (queue.openJobOf(link)) return { code: 'not_allowed', text: 'one job at a time' };
	if (queue.get(frame.id)) return { code: 'not_allowed', text: 'id: used before', field: 'id' };
	if (!model) {
		return { code: 'unknown_model', text: 'this contributor does not serve it', field: 'model' };
	}
	if (model.digest !== frame.digest) {
		return { code: 'unknown_model', text: 'other files of this model are loaded', field: 'digest' };
	}
	const payFault = payFaultOf(frame, options);
	if (payFault) return payFault;
	const { response_format: format, tools, max_tokens: maxTokens } = frame.sampling;
	const isStructured = (format && format.type !== 'text') || tools;
	if (frame.prefix !== undefined && isStructured) {
		return {
			code: 'unsupported',
			text: 'a structured answer cannot be continued',
			field: 'prefix'
		};
	}
	if (maxTokens > terms.offer.limits.maxTokens) {
		const most = terms.offer.limits.maxTokens;
		return { code: 'too_long', text: `at most ${most} tokens`, field: 'sampling.max_tokens' };
	}
	return null;
}

function payFaultOf({ pay }: JobFrame, options: SessionOptions): Fault | null {
	const { jobs } = options.terms.offer;
	const other = pay.kind === 'free' ? 'paid' : 'free';
	if (jobs === other) {
		return { code: 'unsupported', text: `only ${other} jobs are served here`, field: 'pay.kind' };
	}
	const changed = options.changedTerm(pay.kind);
	return changed === null
		? null
		: { code: 'price_changed', text: 'these terms are not current any more', field: changed };
}

async function takeTicket(link: Link, queue: JobQueue, frame: FrameOf<'ticket'>): Promise<void> {
	const job = queue.get(frame.job);
	if (!job || job.link !== link) return link.bye('protocol', 'ticket for an unknown job');
	const fault = await job.takeTicket(frame);
	if (fault === 'unknown') return link.bye('protocol', 'ticket: none was asked for');
	if (fault?.code !== 'bad_ticket') return;
	// Whoever forges one is not served any further; other faults end the job alone.
	job.cancel('bad_ticket');
	link.bye('bad_ticket', fault.text);
}

function resume(link: Link, queue: JobQueue, frame: FrameOf<'resume'>): void {
	const job = queue.get(frame.job);
	const given = fromBase64Url(frame.token);
	const expected = job && fromBase64Url(job.resumeToken);
	if (!job || !given || !expected || !equalBytes(given, expected)) {
		return refuse(link, frame.job, 'gone', 'there is no such job to resume');
	}
	link.beat = 'job';
	link.send({
		t: 'accept',
		job: job.id,
		place: Math.max(0, queue.placeOf(job)),
		waitMs: 0,
		resume: job.resumeToken
	});
	if (!queue.attach(job, link, frame.from)) {
		link.bye('protocol', 'from: not where a text frame ended');
	}
}

function forJob(
	link: Link,
	queue: JobQueue,
	frame: FrameOf<'ack'> | FrameOf<'cancel'>,
	cancelled: Map<JobId, number>
): void {
	const job = queue.get(frame.job);
	if (!job || job.link !== link) {
		const cancelledAt = cancelled.get(frame.job);
		if (cancelledAt && Date.now() - cancelledAt < CANCELLED_GRACE_MS) return;
		return link.bye('protocol', `${frame.t} for an unknown job`);
	}
	if (frame.t === 'ack') {
		if (!job.acknowledge(frame.from)) link.bye('protocol', 'ack: more than was sent');
		return;
	}
	cancelled.set(job.id, Date.now());
	if (queue.running === job || job.isEnded) return job.cancel(null);
	// It never ran, so there is nothing to close and nothing to keep.
	queue.drop(job);
	if (job.isPaid) queue.credits.set(link, job.credit);
	link.send(emptyDone(job.id, job.credit.nano));
}

const emptyDone = (job: JobId, creditNano: bigint): Frame => ({
	t: 'done',
	job,
	finish: 'cancelled',
	usage: { promptTokens: 0, completionTokens: 0 },
	timings: { queueMs: 0, prefillMs: 0, generateMs: 0 },
	creditNano: String(creditNano)
});

function refuse(link: Link, job: JobId, code: Code, text: string, field?: string): void {
	link.send({ t: 'refuse', job, code, text, ...(field === undefined ? {} : { field }) });
}
