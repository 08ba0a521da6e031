import * as v from 'valibot';
import { fromBase64Url, type Bytes } from '../protocol/bytes.ts';
import { bytes32, safeCount } from '../protocol/job.ts';
import type { PastCatalogue } from './catalogue-check.ts';
import { verifyHead, type SignedHead } from './head.ts';

const REQUEST_TIMEOUT_MS = 10_000;

const hash = v.pipe(
	bytes32,
	v.rawTransform(({ dataset, addIssue, NEVER }): Bytes => {
		const bytes = fromBase64Url(dataset.value);
		if (bytes) return bytes;
		addIssue({ message: 'must be 32 bytes as base64url' });
		return NEVER;
	})
);
const proof = v.pipe(v.array(hash), v.maxLength(128));
const signedHead = v.pipeAsync(
	v.string(),
	v.rawTransformAsync(async ({ dataset, addIssue, NEVER }): Promise<SignedHead> => {
		const verified = await verifyHead(dataset.value);
		if (verified.ok) return verified.value;
		addIssue({ message: verified.reason });
		return NEVER;
	})
);

const transaction = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const answers = {
	added: v.objectAsync({
		id: bytes32,
		index: safeCount,
		isNew: v.boolean(),
		head: signedHead,
		proof
	}),
	head: v.objectAsync({ head: signedHead }),
	inclusion: v.objectAsync({ index: safeCount, size: safeCount, proof, head: signedHead }),
	consistency: v.object({ from: safeCount, to: safeCount, proof }),
	entries: v.object({
		from: safeCount,
		entries: v.pipe(v.array(v.pipe(v.string(), v.maxLength(4_096))), v.maxLength(256))
	}),
	anchors: v.objectAsync({
		anchors: v.arrayAsync(
			v.objectAsync({
				head: signedHead,
				transaction,
				at: safeCount
			})
		)
	}),
	catalogues: v.object({
		catalogues: v.array(
			v.object({
				hash: bytes32,
				since: safeCount,
				transaction: v.nullable(transaction),
				at: v.nullable(safeCount)
			})
		)
	}),
	error: v.object({ error: v.object({ code: v.string(), message: v.string() }) })
};

export type AddedAnswer = v.InferOutput<typeof answers.added>;
export type InclusionAnswer = v.InferOutput<typeof answers.inclusion>;
/** An anchored head, its signature checked; that the chain has it is not. */
export type AnchorAnswer = v.InferOutput<typeof answers.anchors>['anchors'][number];

/** The log did not answer as it should. */
export class LogError extends Error {
	override readonly name = 'LogError';
	/** The coordinator's own code; `unreachable` without an answer, `malformed` for one that is none. */
	readonly code: string;

	constructor(code: string, message: string, cause?: unknown) {
		super(message, { cause });
		this.code = code;
	}
}

/**
 * A coordinator's log over HTTP. Every answer is parsed and every head's signature is checked; the
 * rest of the checking is the caller's. All methods throw `LogError`.
 */
export class LogClient {
	readonly coordinator: URL;
	readonly #fetch: typeof fetch;

	constructor(coordinator: URL, fetcher: typeof fetch = (...args) => fetch(...args)) {
		this.coordinator = coordinator;
		this.#fetch = fetcher;
	}

	/** Hands in a receipt or a record. */
	add(entry: string, signal?: AbortSignal): Promise<AddedAnswer> {
		// Not text/plain, which the coordinator refuses from programs that send no origin.
		const headers = { 'content-type': 'application/jose' };
		const init = { method: 'POST', headers, body: entry };
		return this.#ask('/api/log/entries', answers.added, signal, init);
	}

	async head(signal?: AbortSignal): Promise<SignedHead> {
		return (await this.#ask('/api/log/head', answers.head, signal)).head;
	}

	/** The place of an entry by its id, proven at the newest head; `null` if the log denies it. */
	async inclusion(id: string, signal?: AbortSignal): Promise<InclusionAnswer | null> {
		try {
			return await this.#ask(`/api/log/inclusion?id=${id}`, answers.inclusion, signal);
		} catch (error) {
			if (error instanceof LogError && error.code === 'unknown_entry') return null;
			throw error;
		}
	}

	async consistency(from: number, to: number, signal?: AbortSignal): Promise<Bytes[]> {
		const path = `/api/log/consistency?from=${from}&to=${to}`;
		return (await this.#ask(path, answers.consistency, signal)).proof;
	}

	async entries(from: number, count: number, signal?: AbortSignal): Promise<string[]> {
		const path = `/api/log/entries?from=${from}&count=${count}`;
		return (await this.#ask(path, answers.entries, signal)).entries;
	}

	/** From the oldest. */
	async anchors(signal?: AbortSignal): Promise<AnchorAnswer[]> {
		return (await this.#ask('/api/log/anchors', answers.anchors, signal)).anchors;
	}

	/** The catalogues that this coordinator ever served, from the oldest. */
	async catalogues(signal?: AbortSignal): Promise<PastCatalogue[]> {
		return (await this.#ask('/api/log/catalogues', answers.catalogues, signal)).catalogues;
	}

	async #ask<T>(
		path: string,
		schema: v.GenericSchema<unknown, T> | v.GenericSchemaAsync<unknown, T>,
		signal: AbortSignal | undefined,
		init: Omit<RequestInit, 'signal'> = {}
	): Promise<T> {
		const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
		const both = signal ? AbortSignal.any([signal, timeout]) : timeout;
		let response: Response;
		let body: unknown;
		try {
			response = await this.#fetch(new URL(path, this.coordinator), { ...init, signal: both });
			body = await response.json();
		} catch (error) {
			throw new LogError('unreachable', `${path}: no answer`, error);
		}
		if (!response.ok) {
			const told = v.safeParse(answers.error, body);
			if (!told.success) throw new LogError('malformed', `${path}: status ${response.status}`);
			const { code, message } = told.output.error;
			throw new LogError(code, message.slice(0, 300));
		}
		const parsed = await v.safeParseAsync(schema, body);
		if (parsed.success) return parsed.output;
		const [issue] = parsed.issues;
		throw new LogError(
			'malformed',
			`${path}: ${v.getDotPath(issue) ?? 'answer'}: ${issue.message}`
		);
	}
}
