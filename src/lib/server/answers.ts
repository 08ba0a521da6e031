/** The JSON answers of the APIs. */

export interface ApiError {
	status: number;
	code: string;
	/** One clear sentence. */
	message: string;
	field?: string | undefined;
}

const NEVER_STORED = { 'cache-control': 'no-store' };

export function answer(body: unknown): Response {
	return Response.json(body, { headers: NEVER_STORED });
}

export function refuse({ status, code, message, field }: ApiError): Response {
	const error = { code, message, ...(field === undefined ? {} : { field }) };
	const headers = status === 429 ? { ...NEVER_STORED, 'retry-after': '1' } : NEVER_STORED;
	// The clock comes with it: an offer is most often refused because of a wrong one.
	return Response.json({ error, now: Date.now() }, { status, headers });
}

/** The body as text, or `null` where it is longer than `maxBytes` or breaks off. */
export async function readText(request: Request, maxBytes: number): Promise<string | null> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	const reader = request.body?.getReader();
	try {
		for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
			size += next.value.length;
			if (size > maxBytes) {
				await reader?.cancel();
				return null;
			}
			chunks.push(next.value);
		}
	} catch {
		// adapter-node's own limit makes the stream fail.
		return null;
	}
	return Buffer.concat(chunks).toString('utf8');
}

/** The body as parsed JSON; `undefined` where it is none, is too long or breaks off. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
	return parseJson((await readText(request, maxBytes)) ?? '');
}

/** `undefined` for what is no JSON. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
