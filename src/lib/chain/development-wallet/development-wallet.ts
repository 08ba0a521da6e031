import {
	Address,
	beginCell,
	Cell,
	external,
	loadStateInit,
	SendMode,
	storeMessage,
	storeStateInit,
	type MessageRelaxed
} from '@ton/core';
import { internal, WalletContractV5R1, type TonClient } from '@ton/ton';
import type { Bytes } from '../../protocol/bytes.ts';
import { sign } from '../../protocol/keys.ts';
import { accountOf, type Account } from '../account.ts';
import { PURSE_OPCODES } from '../contracts/purse-messages.ts';
import { NETWORKS } from '../networks.ts';
import type { WalletMessage } from '../wallet-message.ts';
import type { Transfer, TransferPurpose } from './approval.ts';

const FLAGS = SendMode.PAY_GAS_SEPARATELY | SendMode.IGNORE_ERRORS;
const POLL_MS = 500;

const PURPOSES: ReadonlyMap<number, TransferPurpose> = new Map(
	(['topUp', 'withdraw', 'unlock', 'lock', 'close'] as const).map((purpose) => [
		PURSE_OPCODES[purpose],
		purpose
	])
);

/**
 * A real W5 wallet for the local chain, with its key in this browser. It signs for the devnet's global id
 * and for no other, so what it signs is worth nothing anywhere else.
 */
export class DevelopmentWallet {
	readonly account: Account;
	readonly publicKey: Bytes;
	readonly #contract: WalletContractV5R1;
	readonly #client: TonClient;
	readonly #privateKey: CryptoKey;
	#lastSeqno = -1;

	private constructor(client: TonClient, publicKey: Bytes, privateKey: CryptoKey) {
		this.#client = client;
		this.#privateKey = privateKey;
		this.publicKey = publicKey;
		this.#contract = WalletContractV5R1.create({
			publicKey: Buffer.from(publicKey),
			walletId: { networkGlobalId: NETWORKS.devnet.globalId }
		});
		this.account = accountOf(this.#contract.address.hash);
	}

	static async open(client: TonClient, keys: CryptoKeyPair): Promise<DevelopmentWallet> {
		const raw = new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey));
		return new DevelopmentWallet(client, raw, keys.privateKey);
	}

	/** What the address is made of, base64 of a BoC. */
	get stateInit(): string {
		const cell = beginCell().store(storeStateInit(this.#contract.init)).endCell();
		return cell.toBoc().toString('base64');
	}

	balanceNano(): Promise<bigint> {
		return this.#client.getBalance(this.#contract.address);
	}

	sign(digest: Bytes): Promise<Bytes> {
		return sign(this.#privateKey, digest);
	}

	/** About what sending these costs besides what they carry; `null` where the chain does not say. */
	async feeNano(messages: readonly WalletMessage[]): Promise<bigint | null> {
		try {
			const seqno = await this.#seqno();
			const body = await this.#body(messages, seqno, null, async () => Buffer.alloc(64));
			const isNew = seqno === 0;
			const { source_fees: fees } = await this.#client.estimateExternalMessageFee(
				this.#contract.address,
				{
					body,
					initCode: isNew ? this.#contract.init.code : null,
					initData: isNew ? this.#contract.init.data : null,
					ignoreSignature: true
				}
			);
			return BigInt(fees.in_fwd_fee + fees.storage_fee + fees.gas_fee + fees.fwd_fee);
		} catch {
			return null;
		}
	}

	/**
	 * Signs and sends; the first time this deploys the wallet.
	 *
	 * @param validUntil Unix seconds by the chain's clock
	 * @returns the message from outside, base64 of a BoC
	 * @throws what the client throws when the chain does not take it
	 */
	async send(messages: readonly WalletMessage[], validUntil: number): Promise<string> {
		const seqno = await this.#nextSeqno();
		const body = await this.#body(messages, seqno, validUntil, async (cell) =>
			Buffer.from(await this.sign(new Uint8Array(cell.hash())))
		);
		const init = seqno === 0 ? this.#contract.init : null;
		const message = external({ to: this.#contract.address, init, body });
		const boc = beginCell().store(storeMessage(message)).endCell().toBoc();
		await this.#client.sendFile(boc);
		this.#lastSeqno = seqno;
		return boc.toString('base64');
	}

	#body(
		messages: readonly WalletMessage[],
		seqno: number,
		timeout: number | null,
		signer: (cell: Cell) => Promise<Buffer>
	): Promise<Cell> {
		return this.#contract.createTransfer({
			...{ seqno, timeout, signer, sendMode: FLAGS },
			messages: messages.map(messageOf)
		});
	}

	#seqno(): Promise<number> {
		return this.#client.open(this.#contract).getSeqno();
	}

	/** The number after the last message's, whose block may still be in the making. */
	async #nextSeqno(): Promise<number> {
		const untilMs = performance.now() + 4 * NETWORKS.devnet.blockMs;
		let seqno = await this.#seqno();
		while (seqno <= this.#lastSeqno && performance.now() < untilMs) {
			await new Promise((resolve) => setTimeout(resolve, POLL_MS));
			seqno = await this.#seqno();
		}
		return seqno;
	}
}

/** @throws Error where a message is malformed */
export function transferOf(message: WalletMessage): Transfer {
	const { address } = Address.parseFriendly(message.address);
	if (address.workChain !== 0) throw new RangeError('address: expected workchain 0');
	const body = message.payload ? Cell.fromBase64(message.payload).beginParse() : null;
	return {
		to: accountOf(address.hash),
		address: message.address,
		amountNano: BigInt(message.amount),
		opens: message.stateInit !== undefined,
		purpose: (body && body.remainingBits >= 32 && PURPOSES.get(body.preloadUint(32))) || null
	};
}

function messageOf({ address, amount, payload, stateInit }: WalletMessage): MessageRelaxed {
	const { address: to, isBounceable } = Address.parseFriendly(address);
	const init = stateInit ? loadStateInit(Cell.fromBase64(stateInit).beginParse()) : null;
	return internal({
		...{ to, value: BigInt(amount), bounce: isBounceable, init },
		body: payload ? Cell.fromBase64(payload) : null
	});
}
