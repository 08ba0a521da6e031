/**
 * What a log must never do, as a document that can be handed on: two heads signed by its key, and
 * what else it takes to see that they cannot both be honest.
 */
import * as v from 'valibot';
import { fromBase64Url, utf8 } from '../protocol/bytes.ts';
import { bytes32, safeCount } from '../protocol/job.ts';
import { loggedSchema, type Logged } from '../protocol/part-evidence.ts';
import { verifyReceipt } from '../protocol/receipt.ts';
import { verifyHead, type SignedHead } from './head.ts';
import { isConsistent, isIncluded } from './proof-checking.ts';
import { isSameHash, leafHash } from './tree-hash.ts';

/** The log refuses receipts dated later than this, so no honest head is dated so long before one. */
export const CLOCK_AHEAD_MS = 600_000;

const evidenceSchema = v.strictObject({
	typ: v.literal('mulberry-evidence'),
	v: v.literal(1),
	kind: v.picklist(['fork', 'rewritten', 'backdated', 'hidden', 'other_key']),
	/** Origin of the coordinator that gave the second head. */
	coordinator: v.pipe(v.string(), v.maxLength(300)),
	/** When it was found, Unix milliseconds by the finder's clock. */
	found: safeCount,
	/** The head that was known and the one that came (JWS). */
	heads: v.tuple([v.string(), v.string()]),
	/** For `rewritten`: what was given as proof that the one grew into the other. */
	proof: v.exactOptional(v.array(bytes32)),
	/** For `hidden` and for a backdated head: an entry, and where the first head's tree has it. */
	entry: v.exactOptional(v.strictObject({ text: v.string(), logged: loggedSchema }))
});

export type Evidence = v.InferOutput<typeof evidenceSchema>;
export type EvidenceKind = Evidence['kind'];

/** Why two heads cannot both be honest, by themselves; `null` if they can. */
export function contradiction(a: SignedHead, b: SignedHead): EvidenceKind | null {
	if (a.key !== b.key) return 'other_key';
	if (a.size === b.size) return isSameHash(a.root, b.root) ? null : 'fork';
	// A log only grows, and dates every head later than the smaller ones.
	return a.size < b.size === a.time < b.time ? null : 'backdated';
}

/** Whether a head that has this receipt is dated long before the receipt. */
export function isBackdated(head: SignedHead, endedMs: number): boolean {
	return head.time < endedMs - CLOCK_AHEAD_MS;
}

export function parseEvidence(text: string): Evidence | null {
	try {
		const parsed = v.safeParse(evidenceSchema, JSON.parse(text));
		return parsed.success ? parsed.output : null;
	} catch {
		return null;
	}
}

/**
 * How much a piece of evidence proves to somebody who trusts nobody: `proven` by itself; `claimed`
 * if the log could still answer (a proof between the two heads, the entry); `nothing` if it does
 * not hold. Total.
 */
export async function weigh(evidence: Evidence): Promise<'proven' | 'claimed' | 'nothing'> {
	const [first, second] = await Promise.all(evidence.heads.map(verifyHead));
	if (!first?.ok || !second?.ok) return 'nothing';
	const [a, b] = [first.value, second.value];
	const found = contradiction(a, b);
	switch (evidence.kind) {
		case 'fork':
			return found === 'fork' ? 'proven' : 'nothing';
		case 'backdated':
			if (found === 'backdated') return 'proven';
			return evidence.entry && (await isDatedBefore(evidence.entry, a)) ? 'proven' : 'nothing';
		case 'rewritten':
			return found === null && hasBadProof(evidence, a, b) ? 'claimed' : 'nothing';
		case 'hidden':
			return found === null && evidence.entry && isIn(evidence.entry, a) ? 'claimed' : 'nothing';
		case 'other_key':
			return found === 'other_key' ? 'claimed' : 'nothing';
	}
}

interface LoggedEntry {
	text: string;
	logged: Logged;
}

function isIn({ text, logged }: LoggedEntry, { size, root }: SignedHead): boolean {
	const proof = bytesOf(logged.proof);
	return proof !== null && isIncluded(leafHash(utf8(text)), logged.index, size, proof, root);
}

async function isDatedBefore(entry: LoggedEntry, head: SignedHead): Promise<boolean> {
	const receipt = await verifyReceipt(entry.text);
	return receipt.ok && isIn(entry, head) && isBackdated(head, receipt.value.receipt.ended);
}

function hasBadProof({ proof = [] }: Evidence, a: SignedHead, b: SignedHead): boolean {
	const [older, newer] = a.size <= b.size ? [a, b] : [b, a];
	const bytes = bytesOf(proof);
	return bytes === null || !isConsistent(older, newer, bytes);
}

/** Hashes from base64url; `null` if one is not canonical. */
export function bytesOf(texts: readonly string[]) {
	const all = texts.map(fromBase64Url);
	return all.every((bytes) => bytes !== null) ? all : null;
}
