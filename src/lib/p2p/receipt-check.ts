import { fromBase64Url, toBase64Url, utf8, type Bytes } from '../protocol/bytes.ts';
import type { FrameOf, JobFrame } from '../protocol/frames.ts';
import type { OfferedModel } from '../protocol/offer.ts';
import {
	commitment,
	samplingForReceipt,
	verifyReceipt,
	type Receipt
} from '../protocol/receipt.ts';
import type { RunningState } from '../protocol/running-state.ts';

/** Both clocks follow the coordinator's; more than this apart is no accident. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What the requester saw of a job. */
export interface SeenJob {
	contributor: Bytes;
	requester: Bytes;
	model: OfferedModel;
	job: JobFrame;
	jobText: string;
	text: string;
	state: RunningState;
	tickets: Receipt['tickets'];
	done: FrameOf<'done'>;
	/** When it was asked and when its end came, by the coordinator's clock. */
	askedAt: number;
	endedAt: number;
}

/** What is wrong with the receipt of a finished job, naming the field; `null` if nothing is. */
export async function receiptFault(seen: SeenJob): Promise<string | null> {
	if (seen.done.receipt === undefined) return 'no receipt came';
	const verified = await verifyReceipt(seen.done.receipt);
	if (!verified.ok) return verified.reason;
	const { receipt } = verified.value;
	const expected = await expectedReceipt(seen, receipt);
	const field = (Object.keys({ ...expected, ...receipt }) as (keyof Receipt)[]).find(
		(name) => JSON.stringify(receipt[name]) !== JSON.stringify(expected[name])
	);
	if (field) return `${field}: not what this job was`;
	if (receipt.started < seen.askedAt - CLOCK_TOLERANCE_MS) return 'started: before it was asked';
	return receipt.ended > seen.endedAt + CLOCK_TOLERANCE_MS ? 'ended: in the future' : null;
}

/** The receipt that should have come. What only the contributor knows is taken from what did. */
async function expectedReceipt(
	seen: SeenJob,
	{ engine, started, ended }: Receipt
): Promise<Receipt> {
	const { job, model, state, done } = seen;
	const salt = fromBase64Url(job.salt);
	if (!salt) throw new TypeError('job.salt: expected base64url');
	return {
		v: 1,
		key: toBase64Url(seen.contributor),
		requester: toBase64Url(seen.requester),
		job: job.id,
		model: job.model,
		digest: job.digest,
		engine: { name: model.engine, version: engine.version },
		sampling: samplingForReceipt(job.sampling),
		prompt: await commitment('prompt', salt, utf8(seen.jobText)),
		answer: await commitment('answer', salt, utf8(seen.text)),
		runs: state.seq,
		state: toBase64Url(state.value),
		usage: done.usage,
		prices: { prompt: model.promptPrice, completion: model.completionPrice },
		nano: String(state.nano),
		tickets: seen.tickets,
		finish: done.finish,
		started,
		ended,
		...(job.previous === undefined ? {} : { previous: job.previous })
	};
}
