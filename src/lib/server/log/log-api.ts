import { MAX_ENTRY_LENGTH, verifyEntry } from '../../protocol/log-entry.ts';
import { fromBase64Url, toBase64Url, utf8, type Bytes } from '../../protocol/bytes.ts';
import { CLOCK_AHEAD_MS } from '../../log/evidence.ts';
import { leafHash } from '../../log/tree-hash.ts';
import { answer, readText, refuse } from '../answers.ts';
import { readCaller } from '../caller-headers.ts';
import type { Metrics } from '../metrics.ts';
import { KeyedBuckets } from '../token-bucket.ts';
import type { Anchors } from './anchors.ts';
import type { CatalogueHistory } from './catalogue-history.ts';
import { LogUnavailable, type ReceiptLog } from './receipt-log.ts';

/** Entries of one answer. */
export const MAX_ENTRIES_AN_ANSWER = 256;
/** A page that was away hands in what it kept, all at once. */
const ADD_BURST_SECONDS = 20;

export interface LogApiParts {
	log: ReceiptLog;
	anchors: Anchors;
	catalogues: CatalogueHistory;
	metrics: Metrics;
	addsPerSecond: number;
}

/** What the coordinator answers below `/api/log`. */
export class LogApi {
	readonly #parts: LogApiParts;
	readonly #adds: KeyedBuckets;

	constructor(parts: LogApiParts) {
		this.#parts = parts;
		const { addsPerSecond: perSecond } = parts;
		this.#adds = new KeyedBuckets({ perSecond, burst: perSecond * ADD_BURST_SECONDS });
	}

	/** `POST /api/log/entries`: the body is a receipt or a record. */
	add(request: Request): Promise<Response> {
		return this.#whileOpen(() => this.#add(request));
	}

	/** `GET /api/log/head` */
	head(): Response {
		const { key, head } = this.#parts.log;
		return answer({ now: Date.now(), key, head: head.text });
	}

	/** `GET /api/log/inclusion?id=ID[&size=N]` */
	inclusion(query: URLSearchParams): Promise<Response> {
		return this.#whileOpen(() => this.#inclusion(query));
	}

	/** `GET /api/log/consistency?from=N[&to=N]` */
	consistency(query: URLSearchParams): Promise<Response> {
		return this.#whileOpen(() => this.#consistency(query));
	}

	/** `GET /api/log/entries?from=N[&count=N]` */
	entries(query: URLSearchParams): Promise<Response> {
		return this.#whileOpen(() => this.#entries(query));
	}

	/** `GET /api/log/anchors` */
	async anchors(): Promise<Response> {
		return this.#withHead({ anchors: await this.#parts.anchors.list() });
	}

	/** `GET /api/log/catalogues[?hash=HASH]` */
	catalogues(query: URLSearchParams): Response {
		const { catalogues } = this.#parts;
		const hash = query.get('hash');
		if (hash === null) return answer({ now: Date.now(), catalogues: catalogues.list() });
		const body = catalogues.body(hash);
		if (body !== null)
			return new Response(body, { headers: { 'content-type': 'application/json' } });
		return this.#refuse(404, 'unknown_catalogue', 'No such catalogue was served here.', 'hash');
	}

	async #add(request: Request): Promise<Response> {
		if (!this.#adds.take(readCaller(request).group, Date.now())) {
			return this.#refuse(429, 'too_many_requests', 'Too many entries from this address.');
		}
		const text = await readText(request, MAX_ENTRY_LENGTH);
		if (text === null) {
			return this.#refuse(413, 'too_large', `An entry may have ${MAX_ENTRY_LENGTH} bytes.`);
		}
		const verified = await verifyEntry(text);
		if (!verified.ok) return this.#badEntry(verified.reason);
		const entry = verified.value;
		if (entry.kind === 'receipt' && entry.receipt.ended > Date.now() + CLOCK_AHEAD_MS) {
			return this.#badEntry('ended: in the future');
		}
		const { index, head, isNew } = await this.#parts.log.add(text);
		const proof = this.#parts.log.inclusion(index, head.size).map(toBase64Url);
		const id = toBase64Url(leafHash(utf8(text)));
		return answer({ now: Date.now(), id, index, isNew, head: head.text, proof });
	}

	#inclusion(query: URLSearchParams): Response {
		const id = fromBase64Url(query.get('id') ?? '');
		if (id?.length !== 32) return this.#badQuery('id', 'the id of an entry');
		const size = this.#sizeIn(query, 'size');
		if (size === null) return this.#badQuery('size', `a number up to ${this.#size}`);
		const index = this.#parts.log.indexOf(id);
		if (index === null || index >= size) {
			return this.#refuse(404, 'unknown_entry', 'The log has no such entry.', 'id');
		}
		const proof = this.#parts.log.inclusion(index, size);
		return this.#withHead({ id: toBase64Url(id), index, size, proof: proof.map(toBase64Url) });
	}

	#consistency(query: URLSearchParams): Response {
		const to = this.#sizeIn(query, 'to');
		if (to === null) return this.#badQuery('to', `a number up to ${this.#size}`);
		const from = countIn(query.get('from'));
		if (from === null || from > to) return this.#badQuery('from', `a number up to ${to}`);
		const proof: Bytes[] = this.#parts.log.consistency(from, to);
		return this.#withHead({ from, to, proof: proof.map(toBase64Url) });
	}

	#entries(query: URLSearchParams): Response {
		const from = countIn(query.get('from'));
		if (from === null) return this.#badQuery('from', 'the number of an entry');
		const count = countIn(query.get('count') ?? String(MAX_ENTRIES_AN_ANSWER));
		if (count === null || count < 1 || count > MAX_ENTRIES_AN_ANSWER) {
			return this.#badQuery('count', `a number from 1 to ${MAX_ENTRIES_AN_ANSWER}`);
		}
		return this.#withHead({ from, entries: this.#parts.log.entries(from, count) });
	}

	get #size(): number {
		return this.#parts.log.head.size;
	}

	#sizeIn(query: URLSearchParams, name: string): number | null {
		const size = countIn(query.get(name) ?? String(this.#size));
		return size !== null && size <= this.#size ? size : null;
	}

	async #whileOpen(work: () => Response | Promise<Response>): Promise<Response> {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof LogUnavailable)) throw error;
			return this.#refuse(503, 'log_unavailable', 'The log cannot be used just now; try later.');
		}
	}

	#withHead(body: object): Response {
		return answer({ now: Date.now(), ...body, head: this.#parts.log.head.text });
	}

	#badEntry(reason: string): Response {
		const field = /^([\w.]+): /.exec(reason)?.[1];
		return this.#refuse(400, 'bad_entry', `The entry is refused: ${reason}.`, field);
	}

	#badQuery(field: string, expected: string): Response {
		return this.#refuse(400, 'bad_query', `${field}: expected ${expected}.`, field);
	}

	#refuse(status: number, code: string, message: string, field?: string): Response {
		this.#parts.metrics.refused(code);
		return refuse({ status, code, message, field });
	}
}

/** A whole number from 0 to 2^53 − 1, or `null`. */
function countIn(text: string | null): number | null {
	if (text === null || !/^(0|[1-9]\d{0,15})$/.test(text)) return null;
	const value = Number(text);
	return Number.isSafeInteger(value) ? value : null;
}
