/** Signed heads: what the log's key says about the whole tree at one moment. */
import * as v from 'valibot';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../protocol/bytes.ts';
import { bytes32, safeCount } from '../protocol/job.ts';
import { jwsHeader, openCanonicalJws } from '../protocol/jws.ts';
import type { TreeHead } from './proof-checking.ts';

export const HEAD_TYPE = 'mulberry-head';
export const MAX_HEAD_LENGTH = 512;

const headSchema = v.strictObject({
	v: v.literal(1),
	/** The log's key, which signs. */
	key: bytes32,
	/** How many entries there are. */
	size: safeCount,
	/** The root of the tree over them. */
	root: bytes32,
	/** Unix milliseconds; never earlier than that of a smaller head. */
	time: safeCount
});

export type Head = v.InferOutput<typeof headSchema>;

/** A head whose signature was checked. */
export interface SignedHead extends TreeHead {
	/** The JWS. */
	text: string;
	/** The log's key, base64url. */
	key: string;
	time: number;
}

export type HeadResult = { ok: true; value: SignedHead } | { ok: false; reason: string };

/** What a head's signature covers: the JWS without its last part. */
export function headToSign(head: Head): string {
	const payload = JSON.stringify(v.parse(headSchema, head));
	return [jwsHeader(HEAD_TYPE), payload].map((part) => toBase64Url(utf8(part))).join('.');
}

/** Checks a head's signature and shape; total. Whose key it is remains for the caller to compare. */
export async function verifyHead(text: unknown): Promise<HeadResult> {
	const opened = await openCanonicalJws(text, HEAD_TYPE, headSchema, MAX_HEAD_LENGTH);
	if (!opened.ok) return opened;
	const value = signedHead(text as string, opened.value);
	return value ? { ok: true, value } : { ok: false, reason: 'root: not 32 bytes as base64url' };
}

/** What a head says, its signature unchecked: for who signed it. */
export function readHead(text: unknown): SignedHead | null {
	if (typeof text !== 'string' || text.length > MAX_HEAD_LENGTH) return null;
	const payload = fromBase64Url(text.split('.')[1] ?? '');
	try {
		const parsed = v.safeParse(headSchema, JSON.parse((payload && fromUtf8(payload)) ?? ''));
		return parsed.success ? signedHead(text, parsed.output) : null;
	} catch {
		return null;
	}
}

function signedHead(text: string, { key, size, time, root }: Head): SignedHead | null {
	const rootBytes = fromBase64Url(root);
	return rootBytes && { text, key, size, time, root: rootBytes };
}
