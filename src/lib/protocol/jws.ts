/** Signed statements: compact JWS (RFC 7515) by the Ed25519 key that the payload names in `key`. */
import { CompactSign, compactVerify } from 'jose';
import * as v from 'valibot';
import { fromBase64Url, fromUtf8, toBase64Url, utf8, type Bytes } from './bytes.ts';
import { bytes32 } from './job.ts';
import { importPublicKey, parsePublicKey, verifySignature } from './keys.ts';

/** What a JWS says, and the key that signed it. */
export interface OpenedJws {
	payload: unknown;
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
	const [, payload] = parts.map((part) => part && fromUtf8(part));
	// Base64url that is not canonical would let several texts carry one signature.
	if (parts.length !== 3 || parts.includes(null) || payload == null) {
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
		return { payload: value, key };
	} catch (error) {
		return { reason: error instanceof Error ? error.message.slice(0, 200) : 'not a JWS' };
	}
}

/**
 * Opens a statement in the one spelling that it can have, so that nobody can hide anything in it:
 * our header, the keys of the schema in its order, no others, no spaces. Total.
 */
export async function openCanonicalJws<T extends { key: string }>(
	jws: unknown,
	typ: string,
	schema: v.GenericSchema<unknown, T>,
	maxLength: number
): Promise<{ ok: true; value: T; key: Bytes } | { ok: false; reason: string }> {
	const refuse = (reason: string) => ({ ok: false as const, reason });
	if (typeof jws !== 'string' || jws.length > maxLength) return refuse('not a JWS');
	const [header = '', body = '', signature = '', ...more] = jws.split('.');
	const [payload, sig] = [fromBase64Url(body), fromBase64Url(signature)];
	const text = payload && fromUtf8(payload);
	if (text === null || !sig || more.length > 0) return refuse('not a JWS');
	if (header !== toBase64Url(utf8(jwsHeader(typ)))) {
		return refuse(`header: expected ${jwsHeader(typ)}`);
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return refuse('payload: not JSON');
	}
	const parsed = v.safeParse(schema, value, { abortEarly: true });
	if (!parsed.success) return refuse(explainIssue(parsed.issues[0], 'payload'));
	if (JSON.stringify(parsed.output) !== text) {
		return refuse('payload: keys in another order or spaces between them');
	}
	const key = parsePublicKey(parsed.output.key);
	if (!key) return refuse('key: not an Ed25519 public key');
	// The dearest check comes last.
	if (!(await verifySignature(key, sig, utf8(`${header}.${body}`)))) {
		return refuse('signature: not by the key that is named');
	}
	return { ok: true, value: parsed.output, key };
}

/** The field that is wrong and what was expected. */
export function explainIssue(issue: v.BaseIssue<unknown>, whole: string): string {
	return `${v.getDotPath(issue) ?? whole}: ${issue.message.slice(0, 200)}`;
}
