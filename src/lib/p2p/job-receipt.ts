import { fromBase64Url, toBase64Url, utf8, type Bytes } from '../protocol/bytes.ts';
import type { JobFrame } from '../protocol/frames.ts';
import type { Finish, Usage } from '../protocol/job.ts';
import type { Offer } from '../protocol/offer.ts';
import { commitment, samplingForReceipt, signReceipt, type Receipt } from '../protocol/receipt.ts';
import type { RunningState } from '../protocol/running-state.ts';

/** What a receipt says that is not the job's own. */
export interface ReceiptContext {
	/** The terms under which the job came. */
	offer: Offer;
	/** The requester's key on the link by which it came. */
	requester: Bytes;
	engineVersion: string;
	/** The coordinator's clock, in Unix milliseconds. */
	nowMs: () => number;
}

/** What was done. */
export interface ServedWork {
	frame: JobFrame;
	frameText: string;
	/** All the text of this job. */
	text: string;
	state: RunningState;
	usage: Usage;
	finish: Finish;
	tickets: Receipt['tickets'];
	tookMs: number;
}

/** The signed receipt of a job, by the contributor that served it. */
export async function makeReceipt(
	privateKey: CryptoKey,
	{ offer, requester, engineVersion, nowMs }: ReceiptContext,
	{ frame, frameText, text, state, usage, finish, tickets, tookMs }: ServedWork
): Promise<string> {
	const model = offer.models.find(({ id }) => id === frame.model);
	const salt = fromBase64Url(frame.salt);
	if (!model || !salt) throw new TypeError('job: expected an offered model and a salt');
	const ended = nowMs();
	return signReceipt(privateKey, {
		v: 1,
		key: offer.key,
		requester: toBase64Url(requester),
		job: frame.id,
		model: frame.model,
		digest: frame.digest,
		engine: { name: model.engine, version: engineVersion },
		sampling: samplingForReceipt(frame.sampling),
		prompt: await commitment('prompt', salt, utf8(frameText)),
		answer: await commitment('answer', salt, utf8(text)),
		runs: state.seq,
		state: toBase64Url(state.value),
		usage,
		prices: { prompt: model.promptPrice, completion: model.completionPrice },
		nano: String(state.nano),
		tickets,
		finish,
		// A clock that was set back meanwhile must not turn the two around.
		started: ended - Math.max(0, tookMs),
		ended,
		...(frame.previous === undefined ? {} : { previous: frame.previous })
	});
}
