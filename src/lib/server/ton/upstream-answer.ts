import * as v from 'valibot';
import { parseJson } from '../answers.ts';

/** One answer of an endpoint of toncenter's API, read by what can be done about it. */
export type UpstreamAnswer =
	| { kind: 'result'; result: unknown; sizeBytes: number }
	/** A definite no: about the call, not about the endpoint. */
	| { kind: 'refusal'; code: number; error: string }
	/** May pass: too many requests, an outage, or something that is no answer. */
	| { kind: 'trouble'; code: 502 | 503 | 504; error: string; retryAfterMs: number }
	/** Will not pass by itself: whoever runs the coordinator has to do something. */
	| { kind: 'misconfigured'; code: 502; error: string };

/** More than any answer that pages ask for. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_ERROR_CHARS = 500;
const MAX_RETRY_AFTER_MS = 60_000;

/** What toncenter says, with status 500, when its own liteserver is at fault. */
const TRANSIENT = /LITE_SERVER_NOTREADY|LITE_SERVER_NETWORK|timeout|timed out|not ready/i;

const body = v.variant('ok', [
	v.object({ ok: v.literal(true), result: v.unknown() }),
	v.object({
		ok: v.literal(false),
		// toncenter's own limiter puts its words under `result`.
		error: v.optional(v.string()),
		result: v.optional(v.unknown())
	})
]);

/** @param secret must not be in what is given on, whatever the endpoint repeats */
export async function readUpstreamAnswer(
	response: Response,
	secret: string | null
): Promise<UpstreamAnswer> {
	const { status } = response;
	if (status === 401 || status === 403) {
		return misconfigured(response, 'refuses the coordinator’s key');
	}
	if (status >= 300 && status < 400) return misconfigured(response, 'points elsewhere');
	if (status === 429) {
		return { ...trouble(503, 'has too much to do'), retryAfterMs: await retryAfter(response) };
	}
	const read = await readLimited(response);
	const text = read !== null && secret ? read.replaceAll(secret, '[key]') : read;
	const parsed = v.safeParse(body, text === null ? undefined : parseJson(text));
	if (!parsed.success || text === null) {
		return status >= 500
			? trouble(502, `failed with status ${status}`)
			: trouble(502, 'sent something that is no answer');
	}
	const { output } = parsed;
	if (output.ok) return { kind: 'result', result: output.result, sizeBytes: text.length };
	const words = output.error ?? (typeof output.result === 'string' ? output.result : 'no reason');
	const error = words.slice(0, MAX_ERROR_CHARS);
	if (status > 500 || TRANSIENT.test(error)) return trouble(502, `failed: ${error}`);
	return { kind: 'refusal', code: status >= 400 ? status : 500, error };
}

export function trouble(code: 502 | 503 | 504, what: string) {
	return { kind: 'trouble' as const, code, error: `the TON endpoint ${what}`, retryAfterMs: 0 };
}

async function misconfigured(response: Response, what: string): Promise<UpstreamAnswer> {
	await response.body?.cancel();
	const error = `the TON endpoint ${what} (status ${response.status})`;
	return { kind: 'misconfigured', code: 502, error };
}

async function retryAfter(response: Response): Promise<number> {
	await response.body?.cancel();
	const seconds = Number(response.headers.get('retry-after') ?? 0);
	return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds * 1000), MAX_RETRY_AFTER_MS) : 0;
}

/** The body as text, or `null` where it is too long. Throws where it breaks off. */
async function readLimited(response: Response): Promise<string | null> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of response.body ?? []) {
		size += chunk.length;
		// Leaving the loop cancels the stream.
		if (size > MAX_ANSWER_BYTES) return null;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString('utf8');
}
