import type { Account } from '../account.ts';

/** What the development wallet shows before it does anything. */

export interface ConnectApproval {
	kind: 'connect';
	/** Who asks: a host. */
	domain: string;
	address: string;
	/** It is to sign that its owner is here. */
	withProof: boolean;
}

export type TransferPurpose = 'topUp' | 'withdraw' | 'unlock' | 'lock' | 'close';

export interface Transfer {
	/** Raw; `address` is how people know it. */
	to: Account;
	address: string;
	amountNano: bigint;
	/** The message deploys a contract. */
	opens: boolean;
	/** What a purse would understand; `null` for anything else. */
	purpose: TransferPurpose | null;
}

export interface SendApproval {
	kind: 'send';
	transfers: readonly Transfer[];
	totalNano: bigint;
	/** An estimate; `null` where the chain gives none. */
	feeNano: bigint | null;
	balanceNano: bigint;
}

export type Approval = ConnectApproval | SendApproval;

/** Asks the person; false is no. */
export type Approve = (approval: Approval) => Promise<boolean>;
