import * as v from 'valibot';
import { parseAccount, type Account } from '../../chain/account.ts';

/** What a page hands over to prove an address: what TON Connect gave it, renamed nothing. */

const MAX_STATE_INIT_CHARS = 8_192;
const base64 = (maxChars: number) =>
	v.pipe(
		v.string(),
		v.minLength(1),
		v.maxLength(maxChars),
		v.regex(/^[A-Za-z0-9+/_-]+={0,2}$/, 'expected base64')
	);

const schema = v.object({
	address: v.pipe(
		v.string(),
		v.transform((text): Account | null => parseAccount(text.toLowerCase())),
		v.custom<Account>((account) => account !== null, 'expected 0: and 64 hex digits')
	),
	/** The network's global id as text. */
	network: v.pipe(v.string(), v.regex(/^-?\d{1,10}$/, 'expected a global id')),
	walletStateInit: base64(MAX_STATE_INIT_CHARS),
	proof: v.object({
		/** Unix seconds. */
		timestamp: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
		domain: v.object({
			lengthBytes: v.pipe(v.number(), v.safeInteger()),
			value: v.pipe(v.string(), v.maxLength(128))
		}),
		payload: v.pipe(v.string(), v.maxLength(128)),
		signature: base64(88)
	})
});

export type ProofRequest = v.InferOutput<typeof schema>;

export type ParsedProof =
	{ ok: true; request: ProofRequest } | { ok: false; field: string; message: string };

/** Total: never throws. */
export function parseProof(body: unknown): ParsedProof {
	const parsed = v.safeParse(schema, body);
	if (parsed.success) return { ok: true, request: parsed.output };
	const [issue] = parsed.issues;
	const field = v.getDotPath(issue) ?? 'body';
	return { ok: false, field, message: `${field}: ${issue.message}.` };
}
