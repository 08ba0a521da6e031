/** What this browser keeps of purses: the keys, and what was asked of wallets. Figures come from the chain. */

export interface PurseRecord {
	/** Raw; made of all that follows. */
	address: string;
	/** Name of the network. */
	network: string;
	/** The wallet that owns it, raw. */
	owner: string;
	number: number;
	reserveNano: bigint;
	/** The session key: signs tickets, cannot be read out. */
	keys: CryptoKeyPair;
	/** Its public half, 32 bytes. */
	publicKey: Uint8Array<ArrayBuffer>;
	createdAt: number;
	/** No longer used to pay: its owner left it, or closed it. */
	isLeft: boolean;
}

export type OperationKind = 'open' | 'top_up' | 'withdraw' | 'unlock' | 'lock' | 'close' | 'leave';

export type OperationState =
	/** The wallet is asked, and may or may not send. */
	| 'asked'
	/** The wallet says that it sent it. */
	| 'sent'
	/** The wallet's message is on the chain. */
	| 'confirmed'
	/** The purse did it. */
	| 'done'
	/** The purse refused. */
	| 'refused'
	/** The time in which the wallet could send it is over. */
	| 'lapsed';

/** One thing that a wallet was asked to send to a purse, from before it was asked. */
export interface OperationRecord {
	id: string;
	kind: OperationKind;
	state: OperationState;
	network: string;
	purse: string;
	wallet: string;
	/** What a deposit brings or a withdrawal takes; 0 for all that is free, and for the rest. */
	amountNano: bigint;
	/** Travels in the message, so that it can be found on the chain. */
	queryId: bigint;
	/** How many messages there are, all with that id. */
	messages: number;
	askedAt: number;
	/** Unix seconds by the chain's clock: later the wallet's message holds no more. */
	validUntil: number;
	/** Logical times of the last transactions before; `null` where there were none. */
	purseLt: string | null;
	walletLt: string | null;
	/** Why the purse refused. */
	exitCode: number | null;
	endedAt: number | null;
}

export const ENDED_STATES: ReadonlySet<OperationState> = new Set(['done', 'refused', 'lapsed']);

export interface PurseStore {
	/** Of one network, the newest first. */
	purses(network: string): Promise<PurseRecord[]>;
	putPurse(purse: PurseRecord): Promise<void>;
	/** Of one network, the newest first. */
	operations(network: string): Promise<OperationRecord[]>;
	putOperation(operation: OperationRecord): Promise<void>;
	deleteOperation(id: string): Promise<void>;
}
