/** What a contributor keeps of its paid jobs. Never a word of prompt or answer. */

/** A job that was paid with tickets. Amounts are nano. */
export interface EarnedJob {
	job: string;
	/** Unix milliseconds of its first ticket. */
	at: number;
	network: number;
	purse: string;
	tickets: number;
	/** What its tickets are worth on average. */
	expectedNano: bigint;
	/** How many of them won, and their face values together. */
	winners: number;
	drawnNano: bigint;
	/** What has arrived, and what redeeming it took. */
	paidOutNano: bigint;
	feeNano: bigint;
}

export type WinnerState =
	/** Not seen on the chain yet. */
	| 'open'
	/** The purse says that it paid; a block may still be taken back. */
	| 'seen'
	/** Paid, and seen so for long enough. */
	| 'paid'
	/** Not paid in time. */
	| 'expired';

export interface PayoutRecord {
	paidNano: bigint;
	feeNano: bigint;
	/** Of the purse's transaction, hex. */
	transaction: string;
}

/** A winning ticket with all that redeeming it takes. Bytes are as the ticket has them. */
export interface StoredWinner {
	/** The ticket's id, lower-case hex. */
	id: string;
	job: string;
	/** Unix milliseconds. */
	wonAt: number;
	network: number;
	purse: string;
	payee: string;
	faceValueNano: bigint;
	odds: bigint;
	/** Unix seconds. */
	expires: number;
	commit: Uint8Array<ArrayBuffer>;
	salt: Uint8Array<ArrayBuffer>;
	receipt: Uint8Array<ArrayBuffer>;
	secret: Uint8Array<ArrayBuffer>;
	signature: Uint8Array<ArrayBuffer>;
	state: WinnerState;
	/** How often it was sent to the chain, when it is next looked at (Unix ms), and what went wrong last. */
	attempts: number;
	nextAt: number;
	error: string | null;
	/** When the purse first said that it paid. */
	seenAt: number | null;
	/** Whether the coordinator's outbox has it. */
	isInOutbox: boolean;
	/** `null` until it is paid, and where its transaction was not found. */
	payout: PayoutRecord | null;
}

/** Sums over jobs. */
export interface EarningTotals {
	jobs: number;
	tickets: number;
	winners: number;
	expectedNano: bigint;
	drawnNano: bigint;
	paidOutNano: bigint;
	feeNano: bigint;
}
