import { Address } from '@ton/core';
import type { TonClient } from '@ton/ton';
import { randomBytes, toBase64Url } from '../../protocol/bytes.ts';
import {
	ENDED_STATES,
	type OperationKind,
	type OperationRecord,
	type PurseStore
} from '../../store/purse-records.ts';
import type { Account } from '../account.ts';
import type { ChainInfo } from '../coordinator-chain.ts';
import type { SendOutcome } from '../tonconnect/outcomes.ts';
import type { WalletMessage } from '../wallet-message.ts';
import { followOperation } from './follow-operation.ts';
import { readPurse } from './purse-reading.ts';
import { walletMessage, type PurseRequest } from './purse-requests.ts';

/** Less than the five minutes that TON Connect's wallets take at most. */
const VALID_SECONDS = 280;
/** A wallet that has not answered by then can no longer send. */
const ANSWER_TIMEOUT_MS = (VALID_SECONDS + 10) * 1_000;
/** What is over is shown for a day. */
const KEEP_ENDED_MS = 86_400_000;

/** The wallet that purses belong to, as far as they need it. */
export interface OwnerWallet {
	account: Account;
	send(
		messages: readonly WalletMessage[],
		validUntil: number,
		signal: AbortSignal
	): Promise<SendOutcome>;
}

export type AskOutcome =
	| SendOutcome
	| { kind: 'no_wallet' }
	/** The wallet is asked for something else right now. */
	| { kind: 'busy' }
	/** The chain, or this browser's store, could not be used beforehand: the wallet was not asked. */
	| { kind: 'not_ready'; message: string };

export interface Order {
	kind: OperationKind;
	purse: string;
	amountNano: bigint;
	requests: readonly PurseRequest[];
}

export interface PurseOperationsParts {
	client: TonClient;
	info: Pick<ChainInfo, 'network'>;
	store: PurseStore;
	now: () => number;
	onChange: () => void;
	onEnded: (operation: OperationRecord) => Promise<void>;
}

/** What wallets were asked to send to purses, from before they are asked to the chain's last word. */
export class PurseOperations {
	readonly #parts: PurseOperationsParts;
	#list: readonly OperationRecord[] = [];
	#isAsking = false;

	constructor(parts: PurseOperationsParts) {
		this.#parts = parts;
	}

	/** The newest first; those that ended a day ago are gone. */
	get list(): readonly OperationRecord[] {
		return this.#list;
	}

	get hasOpen(): boolean {
		return this.#list.some(isOpen);
	}

	/** Reads the store anew: other tabs write to it too. */
	async load(): Promise<void> {
		const { store, info, now } = this.#parts;
		const all = await store.operations(info.network);
		const oldest = now() - KEEP_ENDED_MS;
		const isKept = ({ endedAt }: OperationRecord) => endedAt === null || endedAt > oldest;
		await Promise.all(all.filter((one) => !isKept(one)).map(({ id }) => store.deleteOperation(id)));
		this.#change(all.filter(isKept));
	}

	/**
	 * Asks the chain what became of those under way.
	 *
	 * @throws what the client throws when the chain cannot be asked
	 */
	async follow(): Promise<void> {
		const { client } = this.#parts;
		for (const { id, purse } of this.#list.filter(isOpen)) {
			const { chainTime } = await readPurse(client, purse as Account);
			await this.#advance(id, (one) => followOperation(client, one, chainTime));
		}
	}

	/** Asks the wallet. Does not reject; what was asked is kept beforehand. */
	async ask(wallet: OwnerWallet, order: Order): Promise<AskOutcome> {
		if (this.#isAsking) return { kind: 'busy' };
		this.#isAsking = true;
		try {
			const operation = await this.#begin(wallet.account, order);
			return await this.#send(wallet, operation, order.requests);
		} catch (error) {
			return { kind: 'not_ready', message: error instanceof Error ? error.message : String(error) };
		} finally {
			this.#isAsking = false;
		}
	}

	/** Takes something out of the list. */
	async dismiss(id: string): Promise<void> {
		await this.#parts.store.deleteOperation(id);
		this.#change(this.#list.filter((one) => one.id !== id));
	}

	async #begin(wallet: Account, order: Order): Promise<OperationRecord> {
		const { client, info, store, now } = this.#parts;
		const { kind, purse, amountNano, requests } = order;
		const [atPurse, atWallet] = await Promise.all([
			client.getContractState(Address.parse(purse)),
			client.getContractState(Address.parse(wallet))
		]);
		const operation: OperationRecord = {
			...{ id: toBase64Url(randomBytes(12)), kind, state: 'asked', network: info.network },
			...{ purse, wallet, amountNano, messages: requests.length, askedAt: now() },
			queryId: new DataView(randomBytes(8).buffer).getBigUint64(0),
			validUntil: Math.max(atPurse.timestampt, atWallet.timestampt) + VALID_SECONDS,
			purseLt: atPurse.lastTransaction?.lt ?? null,
			walletLt: atWallet.lastTransaction?.lt ?? null,
			...{ exitCode: null, endedAt: null }
		};
		await store.putOperation(operation);
		this.#change([operation, ...this.#list]);
		return operation;
	}

	async #send(
		wallet: OwnerWallet,
		operation: OperationRecord,
		requests: readonly PurseRequest[]
	): Promise<SendOutcome> {
		const { id, purse, queryId, validUntil } = operation;
		const isTest = this.#parts.info.network !== 'mainnet';
		const messages = requests.map((one) => walletMessage(one, { purse, queryId, isTest }));
		const outcome = await wallet.send(messages, validUntil, AbortSignal.timeout(ANSWER_TIMEOUT_MS));
		if (outcome.kind === 'sent') {
			await this.#advance(id, (one) => (one.state === 'asked' ? { ...one, state: 'sent' } : one));
		} else if (outcome.kind !== 'uncertain') {
			await this.dismiss(id);
		}
		return outcome;
	}

	async #advance(
		id: string,
		step: (operation: OperationRecord) => OperationRecord | Promise<OperationRecord>
	): Promise<void> {
		const before = this.#list.find((one) => one.id === id);
		if (!before) return;
		const after = await step(before);
		// While the chain was asked the wallet may have answered: what is further on stays.
		const now = this.#list.find((one) => one.id === id);
		if (!now || after === before || ENDED_STATES.has(now.state)) return;
		const kept = isOpen(after) ? after : { ...after, endedAt: this.#parts.now() };
		await this.#parts.store.putOperation(kept);
		this.#change(this.#list.map((one) => (one.id === id ? kept : one)));
		if (!isOpen(kept)) await this.#parts.onEnded(kept);
	}

	#change(list: readonly OperationRecord[]): void {
		this.#list = list;
		this.#parts.onChange();
	}
}

function isOpen({ state }: OperationRecord): boolean {
	return !ENDED_STATES.has(state);
}
