import { beginCell, storeStateInit, type StateInit } from '@ton/core';
import { friendlyAddress } from '../address-text.ts';
import { toBody, type Store } from '../contracts/message-parts.ts';
import { purseStateInit, type PurseConfig } from '../contracts/purse-data.ts';
import { storePlain, storeWithdraw } from '../contracts/purse-messages.ts';
import type { WalletMessage } from '../wallet-message.ts';
import { MESSAGE_NANO } from './purse-terms.ts';

/** What a wallet is asked to send to a purse. */
export type PurseRequest =
	/** With `config` the purse is opened by it. */
	| { kind: 'deposit'; amountNano: bigint; config?: PurseConfig }
	/** 0 is all that is free. */
	| { kind: 'withdraw'; amountNano: bigint }
	| { kind: 'unlock' | 'lock' | 'close' };

export interface Addressed {
	/** The purse, raw. */
	purse: string;
	queryId: bigint;
	isTest: boolean;
}

/** The message as a wallet takes it. */
export function walletMessage(request: PurseRequest, to: Addressed): WalletMessage {
	const { purse, queryId, isTest } = to;
	const isDeposit = request.kind === 'deposit';
	const config = isDeposit ? request.config : undefined;
	return {
		// Bounceable: what a purse refuses comes back.
		address: friendlyAddress(purse, { isBounceable: true, isTest }),
		amount: String(isDeposit ? request.amountNano : MESSAGE_NANO),
		payload: toBody(bodyOf(request, queryId)).toBoc().toString('base64'),
		...(config ? { stateInit: base64Of(purseStateInit(config)) } : {})
	};
}

function bodyOf(request: PurseRequest, queryId: bigint): Store {
	switch (request.kind) {
		case 'deposit':
			return storePlain('topUp', queryId);
		case 'withdraw':
			return storeWithdraw({ queryId, amountNano: request.amountNano });
		default:
			return storePlain(request.kind, queryId);
	}
}

function base64Of(init: StateInit): string {
	return beginCell().store(storeStateInit(init)).endCell().toBoc().toString('base64');
}
