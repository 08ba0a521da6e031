import { equalBytes, fromBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { Code, Frame, FrameOf, JobFrame } from '../protocol/frames.ts';
import type { JobId } from '../protocol/ids.ts';
import type { Offer } from '../protocol/offer.ts';
import type { JobQueue } from './job-queue.ts';
import type { ReceiptContext } from './job-receipt.ts';
import type { Link, Received } from './link.ts';
import { ServedJob, type ServedJobOptions } from './served-job.ts';

/** Frames of a cancelled job that were under way are dropped for so long. */
const CANCELLED_GRACE_MS = 10_000;

export interface SessionTerms {
	/** The offer of this link's terms, signed and parsed. */
	jws: string;
	offer: Offer;
	chunkTokens: number;
	expires: number;
}

export interface SessionOptions {
	terms: SessionTerms;
	/** The requester's key, as it proved it. */
	requester: Bytes;
	queue: JobQueue;
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
			handle(link, options, received, cancelled);
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
): void {
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

function takeJob(link: Link, options: SessionOptions, frame: JobFrame, frameText: string): void {
	const { queue, terms, requester, receipts } = options;
	const fault = faultOf(link, frame, options);
	if (fault) return refuse(link, frame.id, fault.code, fault.text, fault.field);
	const job = new ServedJob({
		...options.serve,
		frame,
		frameText,
		offer: terms.jws,
		chunkTokens: terms.chunkTokens,
		receipt: { ...receipts, offer: terms.offer, requester }
	});
	const waitMs = queue.waitMs;
	const place = queue.add(job);
	if (place === null) return refuse(link, frame.id, 'busy', 'the queue is full');
	link.beat = 'job';
	link.send({ t: 'accept', job: job.id, place, waitMs, resume: job.resumeToken });
	queue.attach(job, link, 0);
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
	if (frame.pay.kind !== 'free') {
		return { code: 'unsupported', text: 'only free jobs are served here', field: 'pay.kind' };
	}
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
	link.send(emptyDone(job.id));
}

const emptyDone = (job: JobId): Frame => ({
	t: 'done',
	job,
	finish: 'cancelled',
	usage: { promptTokens: 0, completionTokens: 0 },
	timings: { queueMs: 0, prefillMs: 0, generateMs: 0 },
	creditNano: '0'
});

function refuse(link: Link, job: JobId, code: Code, text: string, field?: string): void {
	link.send({ t: 'refuse', job, code, text, ...(field === undefined ? {} : { field }) });
}
