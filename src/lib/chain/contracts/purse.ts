import type { Address } from '@ton/core';
import {
	type Cell,
	type Contract,
	type ContractProvider,
	type Sender,
	type StateInit
} from '@ton/core';
import type { Bytes } from '../../protocol/bytes.ts';
import { sendBody, toBody, uintBytes, type SendOptions } from './message-parts.ts';
import { purseAddress, purseStateInit, type PurseConfig } from './purse-data.ts';
import { storePlain, storeRedeem, storeWithdraw, type Redeem } from './purse-messages.ts';

/**
 * Enough for the gas of any order to a purse at all prices so far. What is left comes back with a refund,
 * goes to the payee with a payout, or stays in the purse.
 */
export const ORDER_VALUE_NANO = 20_000_000n;

/** What `purse_info` answers. */
export interface PurseInfo {
	owner: Address;
	sessionKey: Bytes;
	reserveNano: bigint;
	/** Unix seconds; 0 while the reserve is locked. */
	unlockAt: number;
	/** Money above rent and reserve; below 0 once the reserve has been eaten into. */
	freeNano: bigint;
	anchor: Bytes;
}

/** A requester's prepaid account; `docs/contracts.md` describes it. */
export class Purse implements Contract {
	readonly address: Address;
	readonly init: StateInit | undefined;

	private constructor(address: Address, init?: StateInit) {
		this.address = address;
		this.init = init;
	}

	static createFromAddress(address: Address): Purse {
		return new Purse(address);
	}

	/** The first message to such a purse deploys it. */
	static createFromConfig(config: PurseConfig): Purse {
		return new Purse(purseAddress(config), purseStateInit(config));
	}

	/** Adds money, and deploys the purse if it does not exist yet. */
	async sendTopUp(provider: ContractProvider, via: Sender, options: SendOptions): Promise<void> {
		await sendBody(provider, via, options, toBody(storePlain('topUp', options.queryId ?? 0n)));
	}

	/** @param amountNano what to pay out; 0 is all free money */
	async sendWithdraw(
		provider: ContractProvider,
		via: Sender,
		options: SendOptions & { amountNano: bigint }
	): Promise<void> {
		const { amountNano, queryId = 0n } = options;
		await sendBody(provider, via, options, toBody(storeWithdraw({ queryId, amountNano })));
	}

	async sendUnlock(provider: ContractProvider, via: Sender, options: SendOptions): Promise<void> {
		await sendBody(provider, via, options, toBody(storePlain('unlock', options.queryId ?? 0n)));
	}

	async sendLock(provider: ContractProvider, via: Sender, options: SendOptions): Promise<void> {
		await sendBody(provider, via, options, toBody(storePlain('lock', options.queryId ?? 0n)));
	}

	async sendClose(provider: ContractProvider, via: Sender, options: SendOptions): Promise<void> {
		await sendBody(provider, via, options, toBody(storePlain('close', options.queryId ?? 0n)));
	}

	/** Redeems with money of the sender's; what is left of it goes to the payee. */
	async sendRedeem(
		provider: ContractProvider,
		via: Sender,
		options: SendOptions & { winner: Redeem }
	): Promise<void> {
		await sendBody(provider, via, options, Purse.redeemBody(options.winner));
	}

	/** Redeems without a wallet: the costs come out of the face value. */
	async sendExternalRedeem(provider: ContractProvider, winner: Redeem): Promise<void> {
		await provider.external(Purse.redeemBody(winner));
	}

	/** The body of a redemption, the same for internal and external messages. */
	static redeemBody(winner: Redeem): Cell {
		return toBody(storeRedeem(winner));
	}

	async getInfo(provider: ContractProvider): Promise<PurseInfo> {
		const { stack } = await provider.get('purse_info', []);
		return {
			owner: stack.readAddress(),
			sessionKey: uintBytes(stack.readBigNumber(), 32),
			reserveNano: stack.readBigNumber(),
			unlockAt: stack.readNumber(),
			freeNano: stack.readBigNumber(),
			anchor: uintBytes(stack.readBigNumber(), 32)
		};
	}

	/** True from a ticket's redemption until the purse forgets it, some time after it expired. */
	async getIsRedeemed(provider: ContractProvider, ticketId: Bytes): Promise<boolean> {
		const value = BigInt(`0x${Buffer.from(ticketId).toString('hex')}`);
		const { stack } = await provider.get('is_redeemed', [{ type: 'int', value }]);
		return stack.readBoolean();
	}

	async getVersion(provider: ContractProvider): Promise<number> {
		const { stack } = await provider.get('version', []);
		return stack.readNumber();
	}
}
