import { Address, type Message } from '@ton/core';
import type { TonClient } from '@ton/ton';
import { parseAccount, type Account } from '../account.ts';
import { PURSE_CODE } from '../contracts/code.ts';
import { loadPurseData, purseAddress } from '../contracts/purse-data.ts';
import { transactionsAfter } from './transactions.ts';

export interface FoundPurse {
	account: Account;
	number: number;
}

/**
 * The purses that a wallet opened, found in its own transactions, the newest first: what is left when a
 * browser has lost its keys. Looks at the wallet's last 300 transactions.
 *
 * @throws what the client throws when the chain cannot be asked
 */
export async function pursesOf(client: TonClient, owner: Account): Promise<FoundPurse[]> {
	const transactions = await transactionsAfter(client, owner, null);
	const found = new Map<Account, FoundPurse>();
	for (const { outMessages } of transactions) {
		for (const message of outMessages.values()) {
			const purse = openedBy(message, owner);
			if (purse && !found.has(purse.account)) found.set(purse.account, purse);
		}
	}
	return [...found.values()];
}

/** The purse of this owner that a message opens. */
function openedBy({ init, info }: Message, owner: Account): FoundPurse | null {
	if (!init?.code?.equals(PURSE_CODE) || !init.data || !Address.isAddress(info.dest)) return null;
	try {
		const data = loadPurseData(init.data);
		const account = parseAccount(info.dest.toRawString());
		const isReal = account !== null && purseAddress(data).equals(info.dest);
		return isReal && data.owner.toRawString() === owner ? { account, number: data.number } : null;
	} catch {
		// Somebody else's data under the purse's code.
		return null;
	}
}
