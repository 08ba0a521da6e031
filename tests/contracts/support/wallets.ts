import {
	internal,
	SendMode,
	type Address,
	type Cell,
	type MessageRelaxed,
	type StateInit
} from '@ton/core';
import { keyPairFromSeed, type KeyPair } from '@ton/crypto';
import { WalletContractV3R2, WalletContractV4, WalletContractV5R1 } from '@ton/ton';
import { seedOf } from './keys.ts';
import type { Outcome, World } from './world.ts';

/** The wallets that people have, on a test chain. */
export const WALLET_KINDS = ['W5', 'W4', 'W3'] as const;
export type WalletKind = (typeof WALLET_KINDS)[number];

type AnyWallet = WalletContractV5R1 | WalletContractV4 | WalletContractV3R2;

/** A real wallet contract that sends by signed external messages, as people's wallets do. */
export class TestWallet {
	readonly world: World;
	readonly contract: AnyWallet;
	private readonly keys: KeyPair;

	private constructor(world: World, contract: AnyWallet, keys: KeyPair) {
		this.world = world;
		this.contract = contract;
		this.keys = keys;
	}

	/** A wallet of this network id that holds `valueNano` and has been used once. */
	static async create(
		world: World,
		kind: WalletKind,
		valueNano: bigint,
		networkId = world.network
	): Promise<TestWallet> {
		const keys = keyPairFromSeed(Buffer.from(seedOf('wallet')));
		const wallet = new TestWallet(world, makeContract(kind, keys.publicKey, networkId), keys);
		await world.owner.send({ to: wallet.address, value: valueNano, bounce: false });
		await wallet.send({ to: world.owner.address, value: 1n });
		return wallet;
	}

	get address(): Address {
		return this.contract.address;
	}

	async send(message: {
		to: Address;
		value: bigint;
		body?: Cell;
		init?: StateInit;
		bounce?: boolean;
	}): Promise<Outcome> {
		return this.world.external(this.address, await this.transfer(message), await this.firstInit());
	}

	/** The signed body that `send` delivers. */
	async transfer(message: Parameters<TestWallet['send']>[0]): Promise<Cell> {
		const { contract, keys, world } = this;
		const seqno = await world.chain.openContract(contract).getSeqno();
		const messages: MessageRelaxed[] = [internal({ bounce: true, ...message })];
		const args = {
			seqno,
			messages,
			secretKey: keys.secretKey,
			timeout: world.now + 60,
			sendMode: SendMode.PAY_GAS_SEPARATELY
		};
		// One overload a wallet: the compiler cannot see that the union's members all take these.
		if (contract instanceof WalletContractV5R1) return contract.createTransfer(args);
		if (contract instanceof WalletContractV4) return contract.createTransfer(args);
		return contract.createTransfer(args);
	}

	private async firstInit(): Promise<StateInit | undefined> {
		return (await this.world.isActive(this.address)) ? undefined : this.contract.init;
	}
}

function makeContract(kind: WalletKind, publicKey: Buffer, networkGlobalId: number): AnyWallet {
	const workchain = 0;
	if (kind === 'W5') return WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId } });
	if (kind === 'W4') return WalletContractV4.create({ publicKey, workchain });
	return WalletContractV3R2.create({ publicKey, workchain });
}
