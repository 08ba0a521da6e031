/** Signed statements: compact JWS (RFC 7515) by the Ed25519 key that the payload names in `key`. */
import { CompactSign, compactVerify } from 'jose';
import * as v from 'valibot';
import { fromBase64Url, fromUtf8, utf8, type Bytes } from './bytes.ts';
import { bytes32 } from './job.ts';
import { importPublicKey, parsePublicKey } from './keys.ts';

/** What a JWS says, and the key that signed it. */
export interface OpenedJws {
	payload: unknown;
	/** The payload as it was signed. */
	payloadText: string;
	header: string;
	key: Bytes;
}

/** The header of every statement that this implementation signs. */
export const jwsHeader = (typ: string): string => JSON.stringify({ alg: 'EdDSA', typ });

export function signJws(privateKey: CryptoKey, typ: string, payload: object): Promise<string> {
	return new CompactSign(utf8(JSON.stringify(payload)))
		.setProtectedHeader({ alg: 'EdDSA', typ })
		.sign(privateKey);
}

/** Opens a JWS of this type that is signed by the key in its payload, or says why not. Total. */
export async function openJws(
	jws: unknown,
	typ: string,
	maxLength: number
): Promise<OpenedJws | { reason: string }> {
	if (typeof jws !== 'string' || jws.length > maxLength) return { reason: 'not a JWS' };
	const parts = jws.split('.').map(fromBase64Url);
	const [header, payload] = parts.map((part) => part && fromUtf8(part));
	// Base64url that is not canonical would let several texts carry one signature.
	if (parts.length !== 3 || parts.includes(null) || header == null || payload == null) {
		return { reason: 'not a JWS' };
	}
	try {
		const value: unknown = JSON.parse(payload);
		const named = v.safeParse(v.object({ key: bytes32 }), value);
		const key = named.success ? parsePublicKey(named.output.key) : null;
		if (!key) return { reason: 'key: not an Ed25519 public key' };
		const { protectedHeader } = await compactVerify(jws, await importPublicKey(key), {
			algorithms: ['EdDSA', 'Ed25519']
		});
		if (protectedHeader.typ !== typ) return { reason: `typ: expected ${typ}` };
		return { payload: value, payloadText: payload, header, key };
	} catch (error) {
		return { reason: error instanceof Error ? error.message.slice(0, 200) : 'not a JWS' };
	}
}

/**
 * A statement in the one spelling that it can have, so that nobody can hide anything in it: our
 * header, the keys of the schema in its order, no others, no spaces.
 */
export async function openCanonicalJws<T>(
	jws: unknown,
	typ: string,
	schema: v.GenericSchema<unknown, T>,
	maxLength: number
): Promise<{ ok: true; value: T; key: Bytes } | { ok: false; reason: string }> {
	const opened = await openJws(jws, typ, maxLength);
	if ('reason' in opened) return { ok: false, reason: opened.reason };
	if (opened.header !== jwsHeader(typ)) {
		return { ok: false, reason: `header: expected ${jwsHeader(typ)}` };
	}
	const parsed = v.safeParse(schema, opened.payload, { abortEarly: true });
	if (!parsed.success) return { ok: false, reason: explainIssue(parsed.issues[0], 'payload') };
	if (JSON.stringify(parsed.output) !== opened.payloadText) {
		return { ok: false, reason: 'payload: keys in another order or spaces between them' };
	}
	return { ok: true, value: parsed.output, key: opened.key };
}

/** The field that is wrong and what was expected. */
export function explainIssue(issue: v.BaseIssue<unknown>, whole: string): string {
	return `${v.getDotPath(issue) ?? whole}: ${issue.message.slice(0, 200)}`;
}
