/**
 * Receipts: what a contributor signs at the end of a job. It says who answered what for whom, with
 * which model and for how much, and holds the words only as salted hashes (`docs/receipts.md`).
 */
import * as v from 'valibot';
import { concat, sha256, toBase64Url, utf8, type Bytes } from './bytes.ts';
import { contributorPeerId, type PeerId } from './ids.ts';
import {
	bytes32,
	finishSchema,
	jobIdSchema,
	modelId,
	nanoText,
	safeCount,
	samplingSchema,
	u32Count,
	type Sampling
} from './job.ts';
import { openCanonicalJws, signJws } from './jws.ts';

export const RECEIPT_TYPE = 'mulberry-receipt';
/** Of the compact JWS; the longest that the schema allows has about 2,500. */
export const MAX_RECEIPT_LENGTH = 4_096;

const { temperature, top_p, top_k, min_p, frequency_penalty, presence_penalty, seed } =
	samplingSchema.entries;

/** The controls without their words: of stop strings, schema and tools only what they were. */
const receiptSampling = v.strictObject({
	temperature,
	top_p,
	top_k,
	min_p,
	frequency_penalty,
	presence_penalty,
	seed,
	max_tokens: samplingSchema.entries.max_tokens,
	stop: v.exactOptional(u32Count),
	response_format: v.exactOptional(v.picklist(['text', 'json_object', 'json_schema'])),
	tools: v.exactOptional(u32Count),
	tool_choice: samplingSchema.entries.tool_choice
});

const receiptShape = v.strictObject({
	v: v.literal(1),
	/** The contributor's key, which signs. */
	key: bytes32,
	/** The requester's key on the link by which the job came. */
	requester: bytes32,
	job: jobIdSchema,
	model: modelId,
	digest: bytes32,
	engine: v.strictObject({
		name: v.picklist(['webllm', 'wllama']),
		version: v.pipe(
			v.string(),
			v.regex(/^[\w.+-]{1,32}$/, 'must be 1 to 32 of A-Z a-z 0-9 _ . + -')
		)
	}),
	sampling: receiptSampling,
	/** Commitments, see `commitment`. */
	prompt: bytes32,
	answer: bytes32,
	/** The number of the last run and the running state after it. */
	runs: u32Count,
	state: bytes32,
	usage: v.strictObject({
		promptTokens: u32Count,
		/** Of the prompt tokens, those that were still in the engine's cache. */
		cachedPromptTokens: v.exactOptional(u32Count),
		completionTokens: u32Count
	}),
	/** Nano per million tokens, as the offer has them; a free job ignores them. */
	prices: v.strictObject({
		prompt: nanoText,
		cachedPrompt: v.exactOptional(nanoText),
		completion: nanoText
	}),
	/** What the job cost: `0` for a free one. */
	nano: nanoText,
	/** How many tickets paid it; `digest` is `ticketsDigest` of them, absent where there are none. */
	tickets: v.strictObject({ count: u32Count, digest: v.exactOptional(bytes32) }),
	finish: finishSchema,
	/** Unix milliseconds by the coordinator's clock. */
	started: safeCount,
	ended: safeCount,
	/** Id of the entry (receipt or record) of the part that this one continues. */
	previous: v.exactOptional(bytes32)
});

const receiptSchema = v.pipe(
	receiptShape,
	v.forward(
		v.check(({ started, ended }) => ended >= started, 'must not be before started'),
		['ended']
	),
	v.forward(
		v.check(
			({ usage }) => (usage.cachedPromptTokens ?? 0) <= usage.promptTokens,
			'cached tokens must not be more than all'
		),
		['usage']
	),
	v.forward(
		v.check(
			({ tickets }) => tickets.count > 0 === (tickets.digest !== undefined),
			'the digest belongs to a count above 0'
		),
		['tickets']
	)
);

export type ReceiptSampling = v.InferOutput<typeof receiptSampling>;
export type Receipt = v.InferOutput<typeof receiptShape>;

/** A receipt whose signature was checked. */
export interface VerifiedReceipt {
	kind: 'receipt';
	/** The JWS: what the log hashes. */
	text: string;
	receipt: Receipt;
	key: Bytes;
	peer: PeerId;
}

export type ReceiptResult = { ok: true; value: VerifiedReceipt } | { ok: false; reason: string };

/**
 * A salted hash of words. The salt is the job's, so that nobody can find the words by trying.
 *
 * @param bytes the job frame as it was sent, or the UTF-8 of the text of this part of the answer
 */
export async function commitment(
	kind: 'prompt' | 'answer',
	salt: Bytes,
	bytes: Bytes
): Promise<string> {
	return toBase64Url(await sha256(concat(utf8(`${kind}\n`), salt, bytes)));
}

/** One hash over the ids of all tickets of a job (32 bytes each) in the order of payment. */
export async function ticketsDigest(ids: readonly Bytes[]): Promise<Receipt['tickets']> {
	if (ids.length === 0) return { count: 0 };
	return { count: ids.length, digest: toBase64Url(await sha256(concat(...ids))) };
}

/** The sampling of a job as its receipt has it. Words stay out: a receipt is public. */
export function samplingForReceipt(sampling: Sampling): ReceiptSampling {
	const { stop, response_format: format, tools, tool_choice: choice, ...numbers } = sampling;
	return v.parse(receiptSampling, {
		...numbers,
		...(stop && { stop: stop.length }),
		...(format && { response_format: format.type }),
		...(tools && { tools: tools.length }),
		...(choice && { tool_choice: choice })
	});
}

/** @throws ValiError for a receipt that its own verifier would refuse */
export function signReceipt(privateKey: CryptoKey, receipt: Receipt): Promise<string> {
	return signJws(privateKey, RECEIPT_TYPE, v.parse(receiptSchema, receipt));
}

/** Checks a receipt's signature and shape; total. A reason names the field that is wrong. */
export async function verifyReceipt(text: unknown): Promise<ReceiptResult> {
	const opened = await openCanonicalJws(text, RECEIPT_TYPE, receiptSchema, MAX_RECEIPT_LENGTH);
	if (!opened.ok) return opened;
	const { value: receipt, key } = opened;
	const peer = contributorPeerId(key);
	return { ok: true, value: { kind: 'receipt', text: text as string, receipt, key, peer } };
}
