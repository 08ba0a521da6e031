import type { Address } from '@ton/core';
import type { RpcParams } from '../rpc.ts';
import type { ChainState } from './chain-state.ts';
import type { LedgerTransaction } from './ledger.ts';
import { MAX_LT, readAddress, readLt } from './params.ts';
import { RpcFailure } from './rpc-failure.ts';
import { readTransaction, writeTransaction } from './transaction-json.ts';

/** Newest first; from a given transaction on, that one included. */
export function transactions(
	chain: ChainState,
	{ address, limit, lt, hash, to_lt }: RpcParams<'getTransactions'>
): unknown[] {
	const raw = readAddress(address).toRawString();
	const fromLt = lt === undefined ? MAX_LT : readLt(lt, 'lt');
	const afterLt = to_lt === undefined ? -1n : readLt(to_lt, 'to_lt');
	if (lt !== undefined && hash !== undefined) {
		const [first] = chain.ledger.transactions(raw, fromLt, fromLt - 1n, 1);
		if (first?.hash !== hexOf(hash)) {
			throw new RpcFailure(
				500,
				'LITE_SERVER_UNKNOWN: cannot locate transaction in block with specified logical time'
			);
		}
	}
	return chain.ledger.transactions(raw, fromLt, afterLt, limit).map(writeTransaction);
}

/** What a message led to at its destination. */
export function resultTransaction(
	chain: ChainState,
	{ source, destination, created_lt }: RpcParams<'tryLocateResultTx'>
): unknown {
	const found = chain.ledger.causedBy(
		readAddress(destination, 'destination').toRawString(),
		readAddress(source, 'source').toRawString(),
		readLt(created_lt, 'created_lt')
	);
	return writeTransaction(found ?? notFound());
}

/** What sent a message. */
export function sourceTransaction(
	chain: ChainState,
	{ source, destination, created_lt }: RpcParams<'tryLocateSourceTx'>
): unknown {
	const from = readAddress(source, 'source').toRawString();
	const to = readAddress(destination, 'destination');
	const createdLt = readLt(created_lt, 'created_lt');
	// A transaction's messages have the logical times right after its own.
	const [found] = chain.ledger.transactions(from, createdLt - 1n, -1n, 1);
	return writeTransaction(found && hasSent(found, to, createdLt) ? found : notFound());
}

function hasSent(stored: LedgerTransaction, to: Address, createdLt: bigint): boolean {
	const messages = readTransaction(stored).outMessages.values();
	return messages.some(
		({ info }) => info.type === 'internal' && info.createdLt === createdLt && info.dest.equals(to)
	);
}

function hexOf(hash: string): string {
	if (hash.length === 64) return hash.toLowerCase();
	return Buffer.from(hash, 'base64').toString('hex');
}

function notFound(): never {
	throw new RpcFailure(404, 'the transaction was not found');
}
