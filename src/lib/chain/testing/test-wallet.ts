import { beginCell, external, storeMessage, type Address, type Cell } from '@ton/core';
import { keyPairFromSeed, type KeyPair } from '@ton/crypto';
import {
	internal,
	SendMode,
	WalletContractV5R1,
	type OpenedContract,
	type TonClient
} from '@ton/ton';
import { NETWORKS } from '../networks.ts';

export interface TestTransfer {
	to: Address;
	value: bigint;
	seqno: number;
	/** Unix seconds until which it holds. */
	timeout?: number;
	body?: Cell;
	init?: { code: Cell; data: Cell };
}

/** Somebody's W5 wallet, driven through the real client. */
export class TestWallet {
	readonly contract: WalletContractV5R1;
	readonly keys: KeyPair;
	readonly #opened: OpenedContract<WalletContractV5R1>;

	constructor(client: TonClient, seed: number, networkGlobalId = NETWORKS.devnet.globalId) {
		this.keys = keyPairFromSeed(Buffer.alloc(32, seed));
		this.contract = WalletContractV5R1.create({
			publicKey: this.keys.publicKey,
			walletId: { networkGlobalId }
		});
		this.#opened = client.open(this.contract);
	}

	get address(): Address {
		return this.contract.address;
	}

	balance(): Promise<bigint> {
		return this.#opened.getBalance();
	}

	/** 0 before it is deployed. */
	seqno(): Promise<number> {
		return this.#opened.getSeqno();
	}

	/** Signs and sends; the first transfer of a wallet deploys it. */
	async send(transfer: TestTransfer): Promise<void> {
		await this.#opened.send(this.sign(transfer));
	}

	/** The signed body. */
	sign({ to, value, seqno, timeout, body, init }: TestTransfer): Cell {
		return this.contract.createTransfer({
			seqno,
			timeout: timeout ?? null,
			secretKey: this.keys.secretKey,
			sendMode: SendMode.PAY_GAS_SEPARATELY,
			messages: [internal({ to, value, bounce: false, body: body ?? null, init: init ?? null })]
		});
	}

	/** The whole message from outside, as base64 of a BoC. */
	message(transfer: TestTransfer, isFirst = false): string {
		const message = external({
			to: this.address,
			init: isFirst ? this.contract.init : null,
			body: this.sign(transfer)
		});
		return beginCell().store(storeMessage(message)).endCell().toBoc().toString('base64');
	}
}

const POLL_MS = 20;

/** @throws after `withinMs` */
export async function eventually(
	isDone: () => Promise<boolean>,
	what: string,
	withinMs = 25_000
): Promise<void> {
	const untilMs = performance.now() + withinMs;
	while (!(await isDone())) {
		if (performance.now() > untilMs) throw new Error(`${what}: not within ${withinMs} ms`);
		await new Promise((resolve) => setTimeout(resolve, POLL_MS));
	}
}
