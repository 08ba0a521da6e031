/**
 * Purses on a chain, through anything that answers like `TonClient`. Imports TON's code: load it with
 * `openPurses`, when the first paid job is near.
 */
import { type Address, beginCell, Cell, external, storeMessage, type Transaction } from '@ton/core';
import type { TonClient } from '@ton/ton';
import { equalBytes, toHex, type Bytes } from '../protocol/bytes.ts';
import type { Account } from './account.ts';
import { addressOf } from './contracts/addresses.ts';
import { uintBytes } from './contracts/message-parts.ts';
import { verifyPurse } from './contracts/purse-data.ts';
import { loadPayout, type Redeem } from './contracts/purse-messages.ts';
import { Purse } from './contracts/purse.ts';
import type { LookResult, Payout, PursePort } from './purse-port.ts';

/** What is asked of a chain. */
export type ChainPort = Pick<
	TonClient,
	'getContractState' | 'runMethod' | 'sendFile' | 'getTransactions'
>;

const TRANSACTIONS_A_PAGE = 40;
const MAX_PAGES = 5;

export class ChainPurses implements PursePort {
	readonly #chain: ChainPort;
	/** Purses whose code and first data were right. Neither can change. */
	readonly #known = new Set<Account>();

	constructor(chain: ChainPort) {
		this.#chain = chain;
	}

	async look(purse: Account): Promise<LookResult> {
		try {
			const address = addressOf(purse);
			const fault = this.#known.has(purse) ? null : await this.#faultOf(address);
			if (fault !== null) return { ok: false, kind: 'absent', reason: fault };
			this.#known.add(purse);
			const { stack } = await this.#chain.runMethod(address, 'purse_info');
			stack.readAddress();
			return {
				ok: true,
				look: {
					sessionKey: uintBytes(stack.readBigNumber(), 32),
					reserveNano: stack.readBigNumber(),
					unlockAt: stack.readNumber(),
					freeNano: stack.readBigNumber()
				}
			};
		} catch (error) {
			// A purse that was closed meanwhile has no get-methods: then look from the start.
			this.#known.delete(purse);
			const reason = error instanceof Error ? error.message : String(error);
			return { ok: false, kind: 'unreachable', reason };
		}
	}

	async isRedeemed(purse: Account, ticketId: Bytes): Promise<boolean> {
		const value = BigInt(`0x${toHex(ticketId)}`);
		const args = [{ type: 'int' as const, value }];
		const { stack } = await this.#chain.runMethod(addressOf(purse), 'is_redeemed', args);
		return stack.readBoolean();
	}

	async redeemMessage(winner: Redeem): Promise<string> {
		const body = Purse.redeemBody(winner);
		const message = external({ to: addressOf(winner.ticket.purse), body });
		return beginCell().store(storeMessage(message)).endCell().toBoc().toString('base64');
	}

	async send(message: string): Promise<void> {
		await this.#chain.sendFile(Buffer.from(message, 'base64'));
	}

	async payout(purse: Account, ticketId: Bytes): Promise<Payout | null> {
		let from: { lt: string; hash: string } | null = null;
		for (let page = 0; page < MAX_PAGES; page++) {
			const found: Transaction[] = await this.#chain.getTransactions(addressOf(purse), {
				limit: TRANSACTIONS_A_PAGE,
				...from
			});
			for (const transaction of found) {
				const paidNano = payoutIn(transaction, ticketId);
				if (paidNano !== null) return { paidNano, transaction: transaction.hash().toString('hex') };
			}
			const last = found.at(-1);
			if (!last || found.length < TRANSACTIONS_A_PAGE) return null;
			from = { lt: last.lt.toString(), hash: last.hash().toString('base64') };
		}
		return null;
	}

	async #faultOf(address: Address): Promise<string | null> {
		const { state, code, data } = await this.#chain.getContractState(address);
		if (state !== 'active' || !code || !data) return `there is no such account (${state})`;
		try {
			const account = { code: Cell.fromBoc(code)[0], data: Cell.fromBoc(data)[0] };
			if (!account.code || !account.data) return 'the account holds no cells';
			const verified = verifyPurse(address, { code: account.code, data: account.data });
			return verified.ok ? null : verified.reason;
		} catch (error) {
			return error instanceof Error ? error.message : 'the account cannot be read';
		}
	}
}

/** What this transaction paid for the ticket; `null` if it is about something else. */
function payoutIn(transaction: Transaction, ticketId: Bytes): bigint | null {
	for (const message of transaction.outMessages.values()) {
		if (message.info.type !== 'internal') continue;
		try {
			const payout = loadPayout(message.body.beginParse());
			if (equalBytes(payout.ticketId, ticketId)) return message.info.value.coins;
		} catch {
			// Some other message: a refund, or a burn.
		}
	}
	return null;
}
