import { Address, type Message, type Transaction } from '@ton/core';
import type { TonClient } from '@ton/ton';

const PAGE = 50;
const MAX_PAGES = 6;

/**
 * An account's transactions after a logical time, the newest first; the last 300 of them at most.
 *
 * @throws what the client throws when the chain cannot be asked
 */
export async function transactionsAfter(
	client: TonClient,
	account: string,
	lt: string | null
): Promise<Transaction[]> {
	const address = Address.parse(account);
	const found: Transaction[] = [];
	for (let page = 0; page < MAX_PAGES; page++) {
		const last = found.at(-1);
		const from = last ? { lt: last.lt.toString(), hash: last.hash().toString('base64') } : {};
		const more = await client.getTransactions(address, {
			limit: PAGE,
			...from,
			...(lt === null ? {} : { to_lt: lt })
		});
		found.push(...more.filter((one) => lt === null || one.lt > BigInt(lt)));
		if (more.length < PAGE) break;
	}
	return found;
}

/** Operation code and query id of a message's body, as most contracts begin theirs; `null` if it is shorter. */
export function headOf(message: Message): { opcode: number; queryId: bigint } | null {
	const body = message.body.beginParse();
	if (body.remainingBits < 96) return null;
	return { opcode: body.loadUint(32), queryId: body.loadUintBig(64) };
}

/** Why a contract refused the message that came; 0 if it took it. */
export function exitCodeOf({ description }: Transaction): number {
	if (description.type !== 'generic') return -1;
	const { computePhase, actionPhase, aborted } = description;
	if (!aborted) return 0;
	if (computePhase.type === 'vm' && computePhase.exitCode !== 0) return computePhase.exitCode;
	return actionPhase?.resultCode || -1;
}
