import { Address, type Transaction } from '@ton/core';
import type { TonClient } from '@ton/ton';
import { ENDED_STATES, type OperationRecord } from '../../store/purse-records.ts';
import { PURSE_OPCODES } from '../contracts/purse-messages.ts';
import { exitCodeOf, headOf, transactionsAfter } from './transactions.ts';

/** A message on the last block of its time may show a little later. */
const LATE_SECONDS = 60;

/**
 * Looks at the chain for what became of an operation. It is found by its query id, so what the wallet says,
 * or does not say, is of no weight.
 *
 * @returns the same object if nothing is new
 * @throws what the client throws when the chain cannot be asked
 */
export async function followOperation(
	client: TonClient,
	operation: OperationRecord,
	chainTime: number
): Promise<OperationRecord> {
	if (ENDED_STATES.has(operation.state)) return operation;
	const [atPurse, atWallet] = await Promise.all([
		transactionsAfter(client, operation.purse, operation.purseLt),
		transactionsAfter(client, operation.wallet, operation.walletLt)
	]);
	const state = outcomeOf(operation, atPurse, atWallet);
	if (state) return { ...operation, ...state };
	return chainTime > operation.validUntil + LATE_SECONDS && operation.state !== 'confirmed'
		? { ...operation, state: 'lapsed' }
		: operation;
}

type Found = Partial<Pick<OperationRecord, 'state' | 'exitCode'>>;

function outcomeOf(
	operation: OperationRecord,
	atPurse: Transaction[],
	atWallet: Transaction[]
): Found | null {
	const taken = atPurse.filter((one) => isOrder(one, operation));
	const refused = taken.map(exitCodeOf).find((code) => code !== 0);
	if (refused !== undefined) return { state: 'refused', exitCode: refused };
	// A closed purse has no account left to list transactions of, but what it paid back has arrived.
	const isClosed = operation.kind === 'close' && atWallet.some((one) => isRefund(one, operation));
	if (taken.length >= operation.messages || isClosed) return { state: 'done' };
	const isOnTheWay = atWallet.some((one) => hasOrdered(one, operation));
	return isOnTheWay && operation.state !== 'confirmed' ? { state: 'confirmed' } : null;
}

/** The purse got the wallet's message. */
function isOrder({ inMessage }: Transaction, { wallet, queryId }: OperationRecord): boolean {
	if (inMessage?.info.type !== 'internal') return false;
	return inMessage.info.src.toRawString() === wallet && headOf(inMessage)?.queryId === queryId;
}

/** The wallet sent the message to the purse. */
function hasOrdered({ outMessages }: Transaction, { purse, queryId }: OperationRecord): boolean {
	return outMessages.values().some((message) => {
		const { dest } = message.info;
		const isToPurse = Address.isAddress(dest) && dest.toRawString() === purse;
		return isToPurse && headOf(message)?.queryId === queryId;
	});
}

/** The wallet got money back from the purse. */
function isRefund({ inMessage }: Transaction, { queryId, purse }: OperationRecord): boolean {
	if (inMessage?.info.type !== 'internal' || inMessage.info.src.toRawString() !== purse)
		return false;
	const head = headOf(inMessage);
	return head?.opcode === PURSE_OPCODES.refund && head.queryId === queryId;
}
