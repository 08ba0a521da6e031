/** What this browser keeps of a coordinator's log, and what it still has to hand in. */

/** An entry that the log has not confirmed yet. */
export interface UndeliveredEntry {
	/** Its id. */
	id: string;
	/** The receipt or record. */
	entry: string;
	/** The answer that it proves, in this browser's chats; `null` for a contributor's. */
	turn: string | null;
	/** Unix milliseconds. */
	since: number;
}

/** Something that a coordinator's log must never do, with what proves it. */
export interface KeptEvidence {
	/** The same thing found again replaces what was found before. */
	id: string;
	/** Unix milliseconds. */
	at: number;
	/** A JSON document of its own, for downloading. */
	document: string;
}

export interface LogRecords {
	/** False where the browser keeps nothing: then it all lasts as long as the page. */
	readonly isLasting: boolean;
	/** From the oldest. */
	undelivered(): Promise<UndeliveredEntry[]>;
	putUndelivered(entry: UndeliveredEntry): Promise<void>;
	deleteUndelivered(id: string): Promise<void>;
	/** The largest head (JWS) seen of this coordinator's log, or `null`. */
	lastHead(coordinator: string): Promise<string | null>;
	/** Replaces `known` by `head`; false if another tab has replaced it meanwhile. */
	replaceHead(coordinator: string, known: string | null, head: string): Promise<boolean>;
	evidence(): Promise<KeptEvidence[]>;
	putEvidence(evidence: KeptEvidence): Promise<void>;
	/** Peer ids of contributors whose receipts or signatures were wrong. */
	avoided(): Promise<string[]>;
	avoid(peer: string, reason: string): Promise<void>;
}
