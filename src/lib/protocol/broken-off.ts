/**
 * The record of an answer that broke off: the contributor's last signed run, made into an entry of
 * the log by whoever received it. The contributor's signature covers the running state; the counts
 * are proven by who can compute that state again, which takes the words and their salt.
 */
import * as v from 'valibot';
import { fromBase64Url, type Bytes } from './bytes.ts';
import { contributorPeerId, type PeerId } from './ids.ts';
import { bytes32, bytes64, jobIdSchema, nanoText, u32Count } from './job.ts';
import { explainIssue } from './jws.ts';
import { parsePublicKey } from './keys.ts';
import { verifySignedState } from './running-state.ts';

export const MAX_RECORD_LENGTH = 1_024;

const recordSchema = v.strictObject({
	v: v.literal(1),
	typ: v.literal('mulberry-broken-off'),
	/** The contributor's key. */
	key: bytes32,
	job: jobIdSchema,
	/** The number of the last signed run, the running state after it, and its signature. */
	runs: u32Count,
	state: bytes32,
	sig: bytes64,
	promptTokens: u32Count,
	completionTokens: u32Count,
	nano: nanoText
});

export type BrokenOff = v.InferOutput<typeof recordSchema>;

/** A record whose signature was checked. */
export interface VerifiedRecord {
	kind: 'record';
	/** Its JSON: what the log hashes. */
	text: string;
	record: BrokenOff;
	key: Bytes;
	peer: PeerId;
}

export type RecordResult = { ok: true; value: VerifiedRecord } | { ok: false; reason: string };

/** The record's text: JSON with the keys in the schema's order and no spaces. */
export function brokenOffText(record: Omit<BrokenOff, 'v' | 'typ'>): string {
	return JSON.stringify(v.parse(recordSchema, { v: 1, typ: 'mulberry-broken-off', ...record }));
}

/** Checks a record's signature and shape; total. */
export async function verifyBrokenOff(text: unknown): Promise<RecordResult> {
	if (typeof text !== 'string' || text.length > MAX_RECORD_LENGTH) {
		return { ok: false, reason: 'not a record' };
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return { ok: false, reason: 'not JSON' };
	}
	const parsed = v.safeParse(recordSchema, value, { abortEarly: true });
	if (!parsed.success) return { ok: false, reason: explainIssue(parsed.issues[0], 'record') };
	const record = parsed.output;
	if (JSON.stringify(record) !== text) {
		return { ok: false, reason: 'record: keys in another order or spaces between them' };
	}
	const [key, sig, state] = [
		parsePublicKey(record.key),
		fromBase64Url(record.sig),
		fromBase64Url(record.state)
	];
	if (!key) return { ok: false, reason: 'key: not an Ed25519 public key' };
	if (!sig || !state || !(await verifySignedState(key, sig, state))) {
		return { ok: false, reason: 'sig: not the signature of this state by this key' };
	}
	return { ok: true, value: { kind: 'record', text, record, key, peer: contributorPeerId(key) } };
}
