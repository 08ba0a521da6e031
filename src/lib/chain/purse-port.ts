import type { Bytes } from '../protocol/bytes.ts';
import type { Account } from './account.ts';
import type { Redeem } from './contracts/purse-messages.ts';

/** A purse as the chain shows it; code and first data were checked. */
export interface PurseLook {
	sessionKey: Bytes;
	reserveNano: bigint;
	/** Money above rent and reserve; below 0 once the reserve has been eaten into. */
	freeNano: bigint;
	/** Unix seconds; 0 while the reserve is locked. */
	unlockAt: number;
}

export type LookResult =
	| { ok: true; look: PurseLook }
	/** `absent`: the account is no purse of ours, or none at all. `unreachable`: nobody could say. */
	| { ok: false; kind: 'absent' | 'unreachable'; reason: string };

/** What a redeemed ticket brought, as its purse's transaction tells. */
export interface Payout {
	paidNano: bigint;
	/** Hash of the transaction, hex. */
	transaction: string;
}

/** What payments need of the chain. Behind it stands TON's code, which is loaded when it is first needed. */
export interface PursePort {
	/** Never rejects. */
	look(purse: Account): Promise<LookResult>;
	/** Rejects where the chain cannot be asked. */
	isRedeemed(purse: Account, ticketId: Bytes): Promise<boolean>;
	/** The message that redeems a winner, as base64 of a BoC. */
	redeemMessage(winner: Redeem): Promise<string>;
	/** Hands a message to the chain. Rejects where the chain or the purse refuses it. */
	send(message: string): Promise<void>;
	/** `null` where its transaction is not to be found. Rejects where the chain cannot be asked. */
	payout(purse: Account, ticketId: Bytes): Promise<Payout | null>;
}

/** Where the coordinator keeps redeem messages for who closes the page. */
export interface OutboxPort {
	/** @param expires Unix seconds. Rejects where it was not taken. */
	post(message: { boc: string; ticket: string; expires: number }): Promise<void>;
}
