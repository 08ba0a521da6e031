/**
 * The frames that two tabs exchange (`docs/protocol.md`), and the one parser for them. It imports
 * nothing that does I/O and never throws: whatever comes from a peer becomes a `ParsedFrame`.
 */
import * as v from 'valibot';
import {
	bytes32,
	bytes64,
	finishSchema,
	jobIdSchema,
	messageSchema,
	LIMITS,
	modelId,
	nanoText,
	paySchema,
	safeCount,
	samplingSchema,
	timingsSchema,
	u32Count,
	usageSchema
} from './job.ts';
import type { JobId } from './ids.ts';

export const PROTOCOL_VERSION = 1;
/** Completion tokens of one run, the unit of signing and payment. */
export const DEFAULT_CHUNK_TOKENS = 32;

export const CODES = [
	'busy',
	'unknown_model',
	'unsupported',
	'too_long',
	'price_changed',
	'unpaid',
	'bad_ticket',
	'purse_unfit',
	'cancelled',
	'engine_lost',
	'overloaded',
	'draining',
	'not_allowed',
	'bad_proof',
	'version',
	'protocol',
	'timeout',
	'gone'
] as const;
export type Code = (typeof CODES)[number];

const code = v.picklist(CODES);
const shortText = v.pipe(v.string(), v.maxLength(500));
const job = jobIdSchema;
const jws = v.pipe(v.string(), v.maxLength(12_000), v.regex(/^[\w-]+\.[\w-]+\.[\w-]+$/));

const frameSchemas = {
	part: v.object({
		t: v.literal('part'),
		id: v.pipe(v.string(), v.maxLength(32)),
		i: u32Count,
		n: u32Count,
		data: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]*$/), v.maxLength(16_000))
	}),
	hello: v.object({
		t: v.literal('hello'),
		v: u32Count,
		role: v.picklist(['requester', 'contributor']),
		key: bytes32,
		nonce: bytes32,
		features: v.pipe(v.array(v.pipe(v.string(), v.maxLength(32))), v.maxLength(32))
	}),
	proof: v.object({ t: v.literal('proof'), sig: bytes64, pool: v.exactOptional(bytes32) }),
	terms: v.object({
		t: v.literal('terms'),
		offer: jws,
		chunkTokens: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024)),
		expires: safeCount
	}),
	job: v.object({
		t: v.literal('job'),
		id: job,
		model: modelId,
		digest: bytes32,
		messages: v.pipe(v.array(messageSchema), v.minLength(1), v.maxLength(LIMITS.messages)),
		sampling: samplingSchema,
		salt: bytes32,
		prefix: v.exactOptional(v.pipe(v.string(), v.maxLength(LIMITS.messageLength))),
		previous: v.exactOptional(bytes32),
		pay: paySchema
	}),
	accept: v.object({
		t: v.literal('accept'),
		job,
		place: u32Count,
		waitMs: safeCount,
		resume: bytes32
	}),
	refuse: v.object({
		t: v.literal('refuse'),
		job,
		code,
		field: v.exactOptional(v.pipe(v.string(), v.maxLength(128))),
		text: shortText
	}),
	chunk: v.object({ t: v.literal('chunk'), job, seq: u32Count, tokens: u32Count, sig: bytes64 }),
	due: v.object({
		t: v.literal('due'),
		job,
		seq: u32Count,
		part: u32Count,
		nano: nanoText,
		commit: bytes32
	}),
	ticket: v.object({
		t: v.literal('ticket'),
		job,
		seq: u32Count,
		part: u32Count,
		salt: bytes32,
		sig: bytes64
	}),
	text: v.object({ t: v.literal('text'), job, from: u32Count, n: u32Count, text: v.string() }),
	ack: v.object({ t: v.literal('ack'), job, from: u32Count }),
	done: v.object({
		t: v.literal('done'),
		job,
		finish: finishSchema,
		usage: usageSchema,
		timings: timingsSchema,
		creditNano: nanoText,
		receipt: v.exactOptional(jws)
	}),
	cancel: v.object({ t: v.literal('cancel'), job }),
	resume: v.object({ t: v.literal('resume'), job, token: bytes32, from: u32Count }),
	probe: v.object({ t: v.literal('probe') }),
	estimate: v.object({
		t: v.literal('estimate'),
		slots: u32Count,
		waitMs: safeCount,
		tokensPerSecond: v.pipe(v.number(), v.minValue(0), v.maxValue(1e6))
	}),
	ping: v.object({ t: v.literal('ping') }),
	pong: v.object({ t: v.literal('pong') }),
	bye: v.object({ t: v.literal('bye'), code, text: shortText })
} as const;

type Schemas = typeof frameSchemas;
export type Tag = keyof Schemas;
export type FrameOf<T extends Tag> = v.InferOutput<Schemas[T]>;
export type Frame = { [T in Tag]: FrameOf<T> }[Tag];
export type JobFrame = FrameOf<'job'>;

/** What came of one text from a peer. */
export type ParsedFrame =
	| { kind: 'frame'; frame: Frame }
	/** A job whose id could be read and whose `field` is wrong: worth a `refuse`, not a `bye`. */
	| { kind: 'refused'; job: JobId; field: string; text: string }
	| { kind: 'unknown'; tag: string }
	| { kind: 'malformed'; reason: string };

/** Parses one frame. Total: any input gives a value, in time linear in its length. */
export function parseFrame(text: string): ParsedFrame {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return { kind: 'malformed', reason: 'not JSON' };
	}
	if (typeof value !== 'object' || value === null || !('t' in value)) {
		return { kind: 'malformed', reason: 'not an object with a tag' };
	}
	const tag = value.t;
	if (typeof tag !== 'string') return { kind: 'malformed', reason: 'the tag is not a string' };
	if (!Object.hasOwn(frameSchemas, tag)) return { kind: 'unknown', tag: tag.slice(0, 32) };
	const result = v.safeParse(frameSchemas[tag as Tag], value, { abortEarly: true });
	if (result.success) return { kind: 'frame', frame: result.output };
	const [issue] = result.issues;
	const field = (v.getDotPath(issue) ?? 't').slice(0, 128);
	const reason = issue.message.slice(0, 300);
	if (tag === 'job' && 'id' in value) {
		const id = v.safeParse(jobIdSchema, value.id);
		if (id.success) return { kind: 'refused', job: id.output, field, text: reason };
	}
	return { kind: 'malformed', reason: `${tag}.${field}: ${reason}` };
}
