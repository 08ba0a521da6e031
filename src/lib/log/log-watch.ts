import { toBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { Logged } from '../protocol/part-evidence.ts';
import type { LogRecords } from '../store/log-records.ts';
import { contradiction, isBackdated, type Evidence, type EvidenceKind } from './evidence.ts';
import { verifyHead, type SignedHead } from './head.ts';
import { LogError, type LogClient } from './log-client.ts';
import { isConsistent } from './proof-checking.ts';

export type HeadCheck =
	/** It fits everything seen before. */
	| { kind: 'ok' }
	/** The coordinator gave no proof (it may be away): nothing is known, so nothing is trusted. */
	| { kind: 'unproven'; reason: string }
	| { kind: 'evidence'; evidence: Evidence };

export interface LogWatchOptions {
	client: LogClient;
	records: LogRecords;
	nowMs?: () => number;
}

/** Tabs that check at once take turns; this often is more than enough. */
const MAX_TURNS = 8;

/**
 * Keeps the largest head seen of one coordinator's log and checks that every other head fits it: a
 * log that forks, rewrites, drops or backdates what this browser saw is found out here.
 */
export class LogWatch {
	readonly #client: LogClient;
	readonly #records: LogRecords;
	readonly #nowMs: () => number;

	constructor({ client, records, nowMs = Date.now }: LogWatchOptions) {
		this.#client = client;
		this.#records = records;
		this.#nowMs = nowMs;
	}

	get #origin(): string {
		return this.#client.coordinator.origin;
	}

	/** The largest head seen, or `null` before the first. */
	async known(): Promise<SignedHead | null> {
		const verified = await verifyHead(await this.#records.lastHead(this.#origin));
		return verified.ok ? verified.value : null;
	}

	/** Checks a head that came, and keeps it if it is the largest. Evidence is stored. */
	async check(head: SignedHead, signal?: AbortSignal): Promise<HeadCheck> {
		for (let turn = 0; turn < MAX_TURNS; turn++) {
			const known = await this.known();
			if (known) {
				const check = await this.compare(known, head, signal);
				if (check.kind !== 'ok' || head.size <= known.size) return check;
			}
			const before = known?.text ?? null;
			if (await this.#records.replaceHead(this.#origin, before, head.text)) return { kind: 'ok' };
		}
		return { kind: 'unproven', reason: 'other tabs changed the last head all the time' };
	}

	/** As `check`, for a head whose tree has this receipt: it must not be dated before it. */
	async checkWith(
		head: SignedHead,
		entry: { text: string; logged: Logged; endedMs: number | null },
		signal?: AbortSignal
	): Promise<HeadCheck> {
		const check = await this.check(head, signal);
		const { text, logged, endedMs } = entry;
		if (check.kind !== 'ok' || endedMs === null || !isBackdated(head, endedMs)) return check;
		return this.#found('backdated', head, head, { entry: { text, logged } });
	}

	/** Goes on with this head, whatever was known: what a person decides who knows of a new log. */
	async accept(head: SignedHead): Promise<void> {
		const known = await this.#records.lastHead(this.#origin);
		await this.#records.replaceHead(this.#origin, known, head.text);
	}

	/** The log denies an entry that it proved before. */
	async denied(text: string, logged: Logged, now: SignedHead): Promise<HeadCheck> {
		const then = await verifyHead(logged.head);
		if (!then.ok) return { kind: 'unproven', reason: `head: ${then.reason}` };
		return this.#found('hidden', then.value, now, { entry: { text, logged } });
	}

	/** Whether one of two heads of this log grew from the other. Nothing is kept but evidence. */
	async compare(known: SignedHead, head: SignedHead, signal?: AbortSignal): Promise<HeadCheck> {
		const kind = contradiction(known, head);
		if (kind) return this.#found(kind, known, head);
		if (known.size === head.size) return { kind: 'ok' };
		const [older, newer] = known.size < head.size ? [known, head] : [head, known];
		let proof: Bytes[];
		try {
			proof = await this.#client.consistency(older.size, newer.size, signal);
		} catch (error) {
			if (!(error instanceof LogError)) throw error;
			return { kind: 'unproven', reason: error.message };
		}
		if (isConsistent(older, newer, proof)) return { kind: 'ok' };
		return this.#found('rewritten', known, head, { proof: proof.map(toBase64Url) });
	}

	async #found(
		kind: EvidenceKind,
		known: SignedHead,
		head: SignedHead,
		more: Pick<Evidence, 'proof' | 'entry'> = {}
	): Promise<HeadCheck> {
		const found = this.#nowMs();
		const evidence: Evidence = {
			typ: 'mulberry-evidence',
			v: 1,
			kind,
			coordinator: this.#origin,
			found,
			heads: [known.text, head.text],
			...more
		};
		// One of a kind for each head that was known: a log that lies goes on growing.
		const id = `${kind} ${known.text}`;
		await this.#records.putEvidence({ id, at: found, document: JSON.stringify(evidence) });
		return { kind: 'evidence', evidence };
	}
}
