import { toBase64Url, utf8 } from '../protocol/bytes.ts';
import { entryId, verifyEntry } from '../protocol/log-entry.ts';
import type { Logged } from '../protocol/part-evidence.ts';
import type { LogRecords, UndeliveredEntry } from '../store/log-records.ts';
import type { Evidence } from './evidence.ts';
import { LogError, type AddedAnswer, type LogClient } from './log-client.ts';
import type { LogWatch } from './log-watch.ts';
import { isIncluded } from './proof-checking.ts';
import { leafHash } from './tree-hash.ts';

const MIN_PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 600_000;
/** Answers that no second try would change. */
const FINAL_CODES = ['bad_entry', 'too_large'];

export interface DeliveryOptions {
	client: LogClient;
	records: LogRecords;
	watch: LogWatch;
	/** The log has it, proven. Awaited before the entry is forgotten here. */
	onLogged?: (kept: UndeliveredEntry, logged: Logged) => void | Promise<void>;
	onEvidence?: (evidence: Evidence) => void;
	/** The log will never take it. */
	onRefused?: (kept: UndeliveredEntry, reason: string) => void;
	/** The first pause; each later one is twice as long, up to ten minutes. */
	minPauseMs?: number;
	random?: () => number;
}

type Outcome = 'logged' | 'refused' | 'later' | 'doubtful';

/**
 * Hands receipts and records in to the log. An entry is kept in this browser until the log has proven
 * that it holds it, and tried again, with growing pauses, until then.
 */
export class Delivery {
	readonly #options: DeliveryOptions;
	readonly #stopped = new AbortController();
	#timer: ReturnType<typeof setTimeout> | undefined;
	#round: Promise<void> | null = null;
	#isAskedAgain = false;
	#failures = 0;

	constructor(options: DeliveryOptions) {
		this.#options = options;
	}

	/**
	 * Keeps an entry and begins to hand it in; resolves when it is kept.
	 *
	 * @param turn the answer in this browser's chats that it proves
	 */
	async hand(entry: string, turn: string | null = null): Promise<void> {
		const id = await entryId(entry);
		await this.#options.records.putUndelivered({ id, entry, turn, since: Date.now() });
		this.retry();
	}

	/** Tries everything that is kept now; also for the start of a page, and when it is online again. */
	retry(): void {
		if (this.#stopped.signal.aborted) return;
		clearTimeout(this.#timer);
		if (this.#round) this.#isAskedAgain = true;
		else this.#begin();
	}

	/** Resolves when nothing is under way. */
	async settled(): Promise<void> {
		while (this.#round) await this.#round;
	}

	/** Stops trying; what is kept stays kept. */
	stop(): void {
		this.#stopped.abort();
		clearTimeout(this.#timer);
	}

	#begin(): void {
		this.#isAskedAgain = false;
		this.#round = this.#deliverAll()
			// Storage that fails keeps nothing to be tried again.
			.catch(() => true)
			.then((isDone) => {
				this.#round = null;
				this.#failures = isDone ? 0 : this.#failures + 1;
				if (this.#stopped.signal.aborted) return;
				if (this.#isAskedAgain) this.#begin();
				else if (!isDone) this.#timer = setTimeout(() => this.retry(), this.#pauseMs());
			});
	}

	/** @returns false if something is left */
	async #deliverAll(): Promise<boolean> {
		const { records } = this.#options;
		let isDone = true;
		for (const kept of await records.undelivered()) {
			const outcome = await this.#deliver(kept);
			if (outcome === 'logged' || outcome === 'refused') await records.deleteUndelivered(kept.id);
			else isDone = false;
			// The others would fare no better.
			if (outcome === 'later' || this.#stopped.signal.aborted) return false;
		}
		return isDone;
	}

	async #deliver(kept: UndeliveredEntry): Promise<Outcome> {
		const { client, onRefused } = this.#options;
		try {
			const added = await client.add(kept.entry, this.#stopped.signal);
			return await this.#confirm(kept, added);
		} catch (error) {
			if (!(error instanceof LogError)) throw error;
			if (!FINAL_CODES.includes(error.code)) return 'later';
			onRefused?.(kept, error.message);
			return 'refused';
		}
	}

	/** Believes the log only what it proves. */
	async #confirm(kept: UndeliveredEntry, added: AddedAnswer): Promise<Outcome> {
		const { watch, onLogged, onEvidence } = this.#options;
		const { entry } = kept;
		const { head, index, proof } = added;
		const leaf = leafHash(utf8(entry));
		if (!isIncluded(leaf, index, head.size, proof, head.root)) return 'doubtful';
		const verified = await verifyEntry(entry);
		const endedMs =
			verified.ok && verified.value.kind === 'receipt' ? verified.value.receipt.ended : null;
		const logged: Logged = { index, head: head.text, proof: proof.map(toBase64Url) };
		const seen = { text: entry, logged, endedMs };
		const check = await watch.checkWith(head, seen, this.#stopped.signal);
		if (check.kind === 'evidence') onEvidence?.(check.evidence);
		if (check.kind !== 'ok') return 'doubtful';
		await onLogged?.(kept, logged);
		return 'logged';
	}

	#pauseMs(): number {
		const { random = Math.random, minPauseMs = MIN_PAUSE_MS } = this.#options;
		const pauseMs = Math.min(MAX_PAUSE_MS, minPauseMs * 2 ** Math.min(this.#failures - 1, 20));
		return pauseMs * (0.5 + random() / 2);
	}
}
