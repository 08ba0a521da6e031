import { Address, type Transaction } from '@ton/core';
import type { TonClient } from '@ton/ton';
import { equalBytes, toHex, type Bytes } from '../../protocol/bytes.ts';
import { loadAnchored, loadSetCatalogue, type LogHead } from '../contracts/beacon-messages.ts';
import { exitCodeOf } from '../purse/transactions.ts';

/** Where a beacon took something. */
export interface BeaconTransaction {
	/** Lower-case hex. */
	hash: string;
	/** Its logical time: with it a node finds the transaction by its hash. */
	lt: string;
	/** Unix milliseconds by the chain's clock. */
	at: number;
}

export const placeOf = (transaction: Transaction): BeaconTransaction => ({
	hash: transaction.hash().toString('hex'),
	lt: transaction.lt.toString(),
	at: transaction.now * 1000
});

/** The head that a transaction of a beacon anchored, or `null`. */
export function anchoredBy(transaction: Transaction): LogHead | null {
	if (exitCodeOf(transaction) !== 0) return null;
	for (const message of transaction.outMessages.values()) {
		if (message.info.type !== 'external-out') continue;
		const head = parsed(() => loadAnchored(message.body.beginParse()));
		if (head) return head;
	}
	return null;
}

/** The hash of the catalogue that a transaction of a beacon wrote, or `null`. */
export function catalogueBy(transaction: Transaction): Bytes | null {
	const { inMessage } = transaction;
	if (inMessage?.info.type !== 'internal' || exitCodeOf(transaction) !== 0) return null;
	return parsed(() => loadSetCatalogue(inMessage.body.beginParse()).hash);
}

export const isSameHead = (a: LogHead, b: LogHead): boolean =>
	a.size === b.size && a.timeMs === b.timeMs && equalBytes(a.root, b.root);

/**
 * Whether a transaction of a beacon anchored this head.
 *
 * @throws what the client throws when the chain cannot be asked
 */
export async function hasAnchored(
	client: TonClient,
	beacon: string,
	{ hash, lt, at }: BeaconTransaction,
	head: LogHead
): Promise<boolean> {
	const found = await client.getTransactions(Address.parse(beacon), {
		limit: 1,
		lt,
		hash: Buffer.from(hash, 'hex').toString('base64'),
		inclusive: true,
		archival: true
	});
	const transaction = found.find((one) => toHex(one.hash()) === hash);
	const anchored = transaction ? anchoredBy(transaction) : null;
	return anchored !== null && isSameHead(anchored, head) && transaction?.now === at / 1000;
}

function parsed<T>(read: () => T): T | null {
	try {
		return read();
	} catch {
		return null;
	}
}
