import type { KeptEvidence, LogRecords, UndeliveredEntry } from './log-records.ts';

/** The same for a page that may store nothing, and for programs that need not. */
export class MemoryLogRecords implements LogRecords {
	readonly isLasting = false;
	readonly #undelivered = new Map<string, UndeliveredEntry>();
	readonly #heads = new Map<string, string>();
	readonly #evidence = new Map<string, KeptEvidence>();
	readonly #avoided = new Set<string>();

	async undelivered(): Promise<UndeliveredEntry[]> {
		return [...this.#undelivered.values()].sort((a, b) => a.since - b.since);
	}

	async putUndelivered(entry: UndeliveredEntry): Promise<void> {
		this.#undelivered.set(entry.id, entry);
	}

	async deleteUndelivered(id: string): Promise<void> {
		this.#undelivered.delete(id);
	}

	async lastHead(coordinator: string): Promise<string | null> {
		return this.#heads.get(coordinator) ?? null;
	}

	async replaceHead(coordinator: string, known: string | null, head: string): Promise<boolean> {
		if ((this.#heads.get(coordinator) ?? null) !== known) return false;
		this.#heads.set(coordinator, head);
		return true;
	}

	async evidence(): Promise<KeptEvidence[]> {
		return [...this.#evidence.values()];
	}

	async putEvidence(evidence: KeptEvidence): Promise<void> {
		this.#evidence.set(evidence.id, evidence);
	}

	async avoided(): Promise<string[]> {
		return [...this.#avoided];
	}

	async avoid(peer: string): Promise<void> {
		this.#avoided.add(peer);
	}
}
