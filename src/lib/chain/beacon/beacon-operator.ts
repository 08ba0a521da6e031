import { fromNano, internal, SendMode, type Address, type Cell, type Transaction } from '@ton/core';
import type { KeyPair } from '@ton/crypto';
import type { TonClient } from '@ton/ton';
import { equalBytes, type Bytes } from '../../protocol/bytes.ts';
import type { Beacon } from '../contracts/beacon.ts';
import { storeAnchor, storeSetCatalogue, type LogHead } from '../contracts/beacon-messages.ts';
import { toBody } from '../contracts/message-parts.ts';
import { exitCodeOf, transactionsAfter } from '../purse/transactions.ts';
import {
	anchoredBy,
	catalogueBy,
	isSameHead,
	placeOf,
	type BeaconTransaction
} from './beacon-transactions.ts';
import { beaconOf, operatorOf, type Operator } from './operator.ts';

/** A year's rent several times over at any price so far; what is not used up stays the beacon's. */
export const BEACON_VALUE_NANO = 50_000_000n;
/** Its gas at the dearest prices so far and some more; what is left stays as the beacon's rent. */
const ANCHOR_VALUE_NANO = 2_000_000n;
/** What is not used comes back. */
const CATALOGUE_VALUE_NANO = 10_000_000n;
/** The wallet's own gas, import and delivery. */
const WALLET_FEES_NANO = 10_000_000n;
const SIGNATURE_LIFE_SECONDS = 60;
/** Some blocks after the signature's end: what is not there by then never will be. */
const CONFIRM_MS = 90_000;

export interface BeaconOperatorOptions {
	client: TonClient;
	keys: KeyPair;
	globalId: number;
	/** About how long a block takes. */
	pollMs: number;
	/** Ends every wait. */
	signal: AbortSignal;
}

interface Order {
	valueNano: bigint;
	body?: Cell;
	/** Deploys the beacon. */
	isDeploying?: boolean;
}

/** Writes to a network's beacon as its owner. Every method throws an Error with one sentence. */
export class BeaconOperator {
	readonly beacon: Beacon;
	readonly #operator: Operator;
	readonly #options: BeaconOperatorOptions;

	constructor(options: BeaconOperatorOptions) {
		this.#options = options;
		this.#operator = operatorOf(options.keys, options.globalId);
		this.beacon = beaconOf(this.#operator);
	}

	get wallet(): Address {
		return this.#operator.wallet.address;
	}

	balanceNano(): Promise<bigint> {
		return this.#options.client.getBalance(this.wallet);
	}

	/** Waits until the wallet has this much. */
	async funded(nano: bigint): Promise<void> {
		await this.#until(async () => ((await this.balanceNano()) >= nano ? true : null), 'coins');
	}

	isDeployed(): Promise<boolean> {
		return this.#options.client.isContractDeployed(this.beacon.address);
	}

	async deploy(): Promise<void> {
		await this.#send({ valueNano: BEACON_VALUE_NANO, isDeploying: true });
		await this.#until(async () => ((await this.isDeployed()) ? true : null), 'the beacon');
	}

	/** Size 0 before the first. */
	lastHead(): Promise<LogHead> {
		return this.#options.client.open(this.beacon).getLastHead();
	}

	/** Where the beacon took this head, if it did so lately. */
	find(head: LogHead): Promise<BeaconTransaction | null> {
		return this.#find(null, (transaction) => hasHead(transaction, head));
	}

	/** Where the beacon has this hash of a catalogue, if it is the last one that it took. */
	async findCatalogue(hash: Bytes): Promise<BeaconTransaction | null> {
		const current = await this.#options.client.open(this.beacon).getCatalogue();
		if (!equalBytes(current, hash)) return null;
		return this.#find(null, (transaction) => hasCatalogue(transaction, hash));
	}

	anchor(head: LogHead): Promise<BeaconTransaction> {
		const body = toBody(storeAnchor({ queryId: 0n, head }));
		return this.#write({ valueNano: ANCHOR_VALUE_NANO, body }, (one) => hasHead(one, head));
	}

	setCatalogue(hash: Bytes): Promise<BeaconTransaction> {
		const body = toBody(storeSetCatalogue({ queryId: 0n, hash }));
		const order = { valueNano: CATALOGUE_VALUE_NANO, body };
		return this.#write(order, (one) => hasCatalogue(one, hash));
	}

	/** Sends an order and waits until the beacon took or refused it. */
	async #write(
		order: Order & { body: Cell },
		isIt: (transaction: Transaction) => boolean
	): Promise<BeaconTransaction> {
		const { client } = this.#options;
		const { lastTransaction } = await client.getContractState(this.beacon.address);
		const after = lastTransaction?.lt ?? null;
		await this.#send(order);
		return this.#until(async () => {
			const news = await transactionsAfter(client, this.beacon.address.toRawString(), after);
			const refused = news.find(
				(one) => exitCodeOf(one) !== 0 && one.inMessage?.body.equals(order.body)
			);
			if (refused) throw new Error(`The beacon refused it with code ${exitCodeOf(refused)}.`);
			const found = news.find(isIt);
			return found ? placeOf(found) : null;
		}, 'the beacon’s answer');
	}

	async #find(
		after: string | null,
		isIt: (transaction: Transaction) => boolean
	): Promise<BeaconTransaction | null> {
		const address = this.beacon.address.toRawString();
		const found = (await transactionsAfter(this.#options.client, address, after)).find(isIt);
		return found ? placeOf(found) : null;
	}

	async #send({ valueNano, body, isDeploying = false }: Order): Promise<void> {
		const { client } = this.#options;
		const { wallet, keys } = this.#operator;
		const { state, balance, timestampt } = await client.getContractState(wallet.address);
		const neededNano = valueNano + WALLET_FEES_NANO;
		if (balance < neededNano) {
			const [has, needs] = [fromNano(balance), fromNano(neededNano)];
			throw new Error(`The operator’s wallet ${this.wallet} has ${has} TON and needs ${needs}.`);
		}
		const { address: to, init } = this.beacon;
		const order = wallet.createTransfer({
			seqno: state === 'active' ? await client.open(wallet).getSeqno() : 0,
			secretKey: keys.secretKey,
			sendMode: SendMode.PAY_GAS_SEPARATELY,
			// By the chain's clock, which a test may have moved.
			timeout: timestampt + SIGNATURE_LIFE_SECONDS,
			messages: [
				internal({
					to,
					value: valueNano,
					bounce: !isDeploying,
					body: body ?? null,
					init: isDeploying ? (init ?? null) : null
				})
			]
		});
		await client.sendExternalMessage(wallet, order);
	}

	async #until<T>(look: () => Promise<T | null>, what: string): Promise<T> {
		const { pollMs, signal } = this.#options;
		const deadlineMs = performance.now() + CONFIRM_MS;
		for (;;) {
			signal.throwIfAborted();
			const found = await look();
			if (found !== null) return found;
			if (performance.now() > deadlineMs) {
				throw new Error(`Waited ${CONFIRM_MS / 1000} seconds for ${what} on the chain.`);
			}
			await new Promise((resolve) => setTimeout(resolve, pollMs));
		}
	}
}

function hasHead(transaction: Transaction, head: LogHead): boolean {
	const anchored = anchoredBy(transaction);
	return anchored !== null && isSameHead(anchored, head);
}

function hasCatalogue(transaction: Transaction, hash: Bytes): boolean {
	const written = catalogueBy(transaction);
	return written !== null && equalBytes(written, hash);
}
