import { existsSync } from 'node:fs';
import * as v from 'valibot';
import type { ChainBackend } from '../../chain/rpc.ts';
import { answer, parseJson, readText, refuse } from '../answers.ts';
import { readCaller } from '../caller-headers.ts';
import type { Metrics } from '../metrics.ts';
import type { NewMessage, Outbox } from './outbox.ts';
import type { KeptMessage } from './outbox-store.ts';

const MAX_MESSAGE_BYTES = 4_096;
const MAX_BODY_BYTES = 8_192;
/** A ticket is good until the end of the day after its terms, in UTC; one hour for wrong clocks. */
const MAX_AHEAD_MS = 49 * 3_600_000;
const MAX_WAITING_A_CALLER = 100;
/** How many callers' messages are counted; those of before a restart count for nobody. */
const MAX_OWNED = 4_000;

const request = v.object({
	boc: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_BODY_BYTES)),
	expires: v.pipe(v.number('expected Unix milliseconds'), v.safeInteger(), v.minValue(0)),
	ticket: v.optional(
		v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected the ticket’s id in hex'))
	)
});

export interface RedeemApiParts {
	/** The SQLite file. */
	file: string;
	backend: ChainBackend;
	metrics: Metrics;
	onError: (error: unknown) => void;
}

/** `POST /api/redeem` and `GET /api/redeem/HASH`. */
export class RedeemApi {
	readonly #parts: RedeemApiParts;
	#outbox: Outbox | null = null;
	#isClosed = false;
	/** Whose message it is, by hash; in memory alone, because addresses of people are not stored. */
	readonly #owners = new Map<string, string>();

	constructor(parts: RedeemApiParts) {
		this.#parts = parts;
	}

	/** Goes on with what an earlier process left. */
	async resume(): Promise<void> {
		if (existsSync(this.#parts.file)) await this.#open();
	}

	waitingCount(): number {
		return this.#isClosed ? 0 : (this.#outbox?.waitingCount() ?? 0);
	}

	/** `POST /api/redeem` with `{boc, expires, ticket?}` */
	async post(httpRequest: Request): Promise<Response> {
		const text = await readText(httpRequest, MAX_BODY_BYTES);
		if (text === null) {
			const message = `The body may have ${MAX_BODY_BYTES} bytes.`;
			return this.#refuse(413, 'too_large', message);
		}
		const parsed = v.safeParse(request, parseJson(text));
		if (!parsed.success) {
			const field = v.getDotPath(parsed.issues[0]) ?? 'body';
			return this.#bad(field, parsed.issues[0].message);
		}
		const { boc, expires, ticket = null } = parsed.output;
		const nowMs = Date.now();
		if (expires <= nowMs) return this.#bad('expires', 'it has passed');
		if (expires > nowMs + MAX_AHEAD_MS) return this.#bad('expires', 'at most 49 hours ahead');
		// Not before somebody redeems: it is the only thing here that needs TON's code.
		const { parseExternalMessage } = await import('../../chain/external-message.ts');
		const read = parseExternalMessage(boc, MAX_MESSAGE_BYTES);
		if (!read.ok) return this.#bad('boc', read.message);
		const { hash, to, cellHashes } = read.message;
		if (ticket !== null && !cellHashes.has(ticket)) {
			return this.#bad('ticket', 'expected the hash of a cell of the message');
		}
		return this.#keep(readCaller(httpRequest).group, { hash, boc, purse: to, ticket, expires });
	}

	/** `GET /api/redeem/HASH` */
	async status(hash: string): Promise<Response> {
		const isThere = this.#outbox !== null || existsSync(this.#parts.file);
		const outbox = isThere ? await this.#open() : null;
		if (isThere && !outbox) return this.#failed();
		const kept = /^[0-9a-f]{64}$/.test(hash) ? outbox?.get(hash) : null;
		if (kept) return answer(view(kept));
		return this.#refuse(404, 'unknown_message', 'No message with this hash is kept here.');
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		await this.#outbox?.close();
	}

	async #keep(caller: string, message: NewMessage): Promise<Response> {
		const outbox = await this.#open();
		if (!outbox) return this.#failed();
		const isNew = outbox.get(message.hash) === null;
		if (isNew && this.#waitingOf(caller, outbox) >= MAX_WAITING_A_CALLER) {
			const limit = `At most ${MAX_WAITING_A_CALLER} messages of one address may wait here.`;
			return this.#refuse(429, 'too_many_messages', limit);
		}
		const kept = outbox.add(message);
		if (!kept) return this.#refuse(503, 'outbox_full', 'The outbox has no room at the moment.');
		if (isNew) this.#own(message.hash, caller);
		return answer(view(kept));
	}

	#waitingOf(caller: string, outbox: Outbox): number {
		let waiting = 0;
		for (const [hash, owner] of this.#owners) {
			if (owner !== caller) continue;
			if (outbox.get(hash)?.state === 'waiting') waiting++;
			else this.#owners.delete(hash);
		}
		return waiting;
	}

	#own(hash: string, caller: string): void {
		const [oldest] = this.#owners.keys();
		if (this.#owners.size >= MAX_OWNED && oldest !== undefined) this.#owners.delete(oldest);
		this.#owners.set(hash, caller);
	}

	/** `null` where the file cannot be used; that is tried again with the next request. */
	async #open(): Promise<Outbox | null> {
		const { file, backend, onError } = this.#parts;
		// Not before somebody redeems: a coordinator that starts has enough to load.
		const [{ Outbox }, { OutboxStore }] = await Promise.all([
			import('./outbox.ts'),
			import('./outbox-store.ts')
		]);
		if (this.#isClosed) return null;
		try {
			this.#outbox ??= new Outbox({ store: new OutboxStore(file), backend, onError });
		} catch (error) {
			onError(error);
		}
		return this.#outbox;
	}

	#failed(): Response {
		return this.#refuse(503, 'outbox_failed', 'The outbox cannot be used at the moment.');
	}

	#bad(field: string, message: string): Response {
		return this.#refuse(400, 'bad_message', `${field}: ${message}.`, field);
	}

	#refuse(status: number, code: string, message: string, field?: string): Response {
		this.#parts.metrics.refused(code);
		return refuse({ status, code, message, field });
	}
}

function view(kept: KeptMessage): unknown {
	const { hash, state, expires, attempts, accepted, error } = kept;
	return { now: Date.now(), hash, state, expires, attempts, accepted, error };
}
