import { fromBase64Url, toBase64Url, utf8, type Bytes } from '../../protocol/bytes.ts';
import { parseFrame, type JobFrame } from '../../protocol/frames.ts';
import type { VerifiedEntry } from '../../protocol/log-entry.ts';
import { splitCovered, stateOf, type PartEvidence } from '../../protocol/part-evidence.ts';
import { commitment, samplingForReceipt, type Receipt } from '../../protocol/receipt.ts';
import { fails, holds, open, type Step } from './steps.ts';

/** Where a part stands in what is shown. */
export interface PartPlace {
	/** The question as it is shown; `null` where none is. */
	question: string | null;
	/** The parts before it, in the same answer: their text, and the id of the last one's entry. */
	before: { text: string; id: string } | null;
}

const differs = (field: string) => fails('text', 'text_job_differs', { field });

/** Step 2: the words against what was signed. The entry's signature was checked before. */
export async function checkText(
	entry: VerifiedEntry,
	part: PartEvidence,
	{ question, before }: PartPlace
): Promise<Step> {
	const job = jobOf(part);
	const salt = job && fromBase64Url(job.salt);
	if (!job || salt?.length !== 32) {
		return fails('text', 'text_malformed', { reason: 'the job frame' });
	}
	const fault =
		entry.kind === 'receipt'
			? await receiptFault(entry.receipt, job, part, salt)
			: await recordFault(entry, job, part, salt);
	if (fault) return fault;
	if (question !== null && question !== lastQuestion(job)) {
		return fails('text', 'text_shown_differs');
	}
	if (before && (job.prefix !== before.text || job.previous !== before.id)) {
		return fails('text', 'text_link_differs');
	}
	const uncovered = splitCovered(part.text, part.runs)?.uncovered.length ?? 0;
	// A receipt is for all of the text, whatever the runs are.
	if (entry.kind === 'receipt' || uncovered === 0) return holds('text', 'text_holds');
	return open('text', 'text_partly', { covered: part.text.length - uncovered, uncovered });
}

/** The job frame of a part, if it can be read. */
export function jobOf(part: PartEvidence): JobFrame | null {
	const parsed = parseFrame(part.job);
	return parsed.kind === 'frame' && parsed.frame.t === 'job' ? parsed.frame : null;
}

const lastQuestion = ({ messages }: JobFrame) =>
	messages.findLast(({ role }) => role === 'user')?.content;

async function receiptFault(
	receipt: Receipt,
	job: JobFrame,
	part: PartEvidence,
	salt: Bytes
): Promise<Step | null> {
	const prompt = await commitment('prompt', salt, utf8(part.job));
	if (prompt !== receipt.prompt) return fails('text', 'text_question_differs');
	const answer = await commitment('answer', salt, utf8(part.text));
	if (answer !== receipt.answer) return fails('text', 'text_answer_differs');
	const expected: Partial<Receipt> = {
		job: job.id,
		model: job.model,
		digest: job.digest,
		sampling: samplingForReceipt(job.sampling)
	};
	for (const [field, value] of Object.entries(expected)) {
		if (JSON.stringify(receipt[field as keyof Receipt]) !== JSON.stringify(value)) {
			return differs(field);
		}
	}
	if (receipt.previous !== job.previous) return differs('previous');
	const { promptTokens, completionTokens } = receipt.usage;
	const claimed = { ...receipt, promptTokens, completionTokens };
	return countsFault(claimed, part, salt, () => differs('runs'));
}

async function recordFault(
	{ record }: Extract<VerifiedEntry, { kind: 'record' }>,
	job: JobFrame,
	part: PartEvidence,
	salt: Bytes
): Promise<Step | null> {
	if (record.job !== job.id) return differs('job');
	return countsFault(record, part, salt, () => fails('text', 'text_words_differ'));
}

interface Claimed {
	state: string;
	runs: number;
	nano: string;
	promptTokens: number;
	completionTokens: number;
}

/** The running state computed anew, which takes every word and every count. */
async function countsFault(
	claimed: Claimed,
	part: PartEvidence,
	salt: Bytes,
	otherState: () => Step
): Promise<Step | null> {
	const state = await stateOf(part, salt);
	if (!state || toBase64Url(state.value) !== claimed.state) return otherState();
	if (state.seq !== claimed.runs) return differs('runs');
	if (String(state.nano) !== claimed.nano) return differs('nano');
	const isSame =
		part.runs[0]?.tokens === claimed.promptTokens && state.tokens === claimed.completionTokens;
	return isSame ? null : differs('usage');
}
