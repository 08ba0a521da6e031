/** Signed heads: what the log's key says about the whole tree at one moment. */
import * as v from 'valibot';
import { fromBase64Url, type Bytes } from '../protocol/bytes.ts';
import { bytes32, safeCount } from '../protocol/job.ts';
import { openCanonicalJws, signJws } from '../protocol/jws.ts';
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

export function signHead(privateKey: CryptoKey, head: Head): Promise<string> {
	return signJws(privateKey, HEAD_TYPE, v.parse(headSchema, head));
}

/** Checks a head's signature and shape; total. Whose key it is remains for the caller to compare. */
export async function verifyHead(text: unknown): Promise<HeadResult> {
	const opened = await openCanonicalJws(text, HEAD_TYPE, headSchema, MAX_HEAD_LENGTH);
	if (!opened.ok) return opened;
	const { key, size, time, root } = opened.value;
	const rootBytes: Bytes | null = fromBase64Url(root);
	if (!rootBytes) return { ok: false, reason: 'root: not 32 bytes as base64url' };
	return { ok: true, value: { text: text as string, key, size, time, root: rootBytes } };
}
