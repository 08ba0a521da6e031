import {
	Address,
	beginCell,
	Cell,
	loadTransaction,
	storeStateInit,
	type Message,
	type Transaction
} from '@ton/core';
import type { LedgerTransaction } from './ledger.ts';

/** Transactions as toncenter writes them. */

const base64OfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
const boc = (cell: Cell): string => cell.toBoc().toString('base64');

export function readTransaction({ boc }: LedgerTransaction): Transaction {
	return loadTransaction(Cell.fromBase64(boc).beginParse());
}

export function writeTransaction(stored: LedgerTransaction): unknown {
	const transaction = readTransaction(stored);
	const out = transaction.outMessages.values();
	// What forwarding costs is in the messages, not in the transaction's own fees.
	const feeNano = out.reduce(
		(sum, message) => sum + forwardFee(message),
		transaction.totalFees.coins
	);
	const storageNano = storageFee(transaction);
	return {
		'@type': 'raw.transaction',
		address: { '@type': 'accountAddress', account_address: friendly(stored.address) },
		utime: stored.utime,
		data: stored.boc,
		transaction_id: transactionId(stored),
		fee: feeNano.toString(),
		storage_fee: storageNano.toString(),
		other_fee: (feeNano - storageNano).toString(),
		...(transaction.inMessage ? { in_msg: writeMessage(transaction.inMessage) } : {}),
		out_msgs: out.map(writeMessage)
	};
}

export function transactionId({ lt, hash }: Pick<LedgerTransaction, 'lt' | 'hash'>): object {
	return { '@type': 'internal.transactionId', lt: lt.toString(), hash: base64OfHex(hash) };
}

export function storageFee({ description }: Transaction): bigint {
	if (description.type !== 'generic') return 0n;
	return description.storagePhase?.storageFeesCollected ?? 0n;
}

function forwardFee({ info }: Message): bigint {
	return info.type === 'internal' ? info.forwardFee : 0n;
}

function writeMessage({ info, init, body }: Message): unknown {
	const isInternal = info.type === 'internal';
	return {
		'@type': 'raw.message',
		source: info.type === 'external-in' ? '' : info.src.toString(),
		destination: info.type === 'external-out' ? '' : info.dest.toString(),
		value: isInternal ? info.value.coins.toString() : '0',
		fwd_fee: isInternal ? info.forwardFee.toString() : '0',
		ihr_fee: isInternal ? info.ihrFee.toString() : '0',
		created_lt: info.type === 'external-in' ? '0' : info.createdLt.toString(),
		body_hash: body.hash().toString('base64'),
		msg_data: {
			'@type': 'msg.dataRaw',
			body: boc(body),
			init_state: init ? boc(beginCell().store(storeStateInit(init)).endCell()) : ''
		}
	};
}

function friendly(raw: string): string {
	return Address.parseRaw(raw).toString();
}
