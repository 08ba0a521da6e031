import {
	external,
	internal,
	type Address,
	type Cell,
	type Message,
	type StateInit,
	type Transaction
} from '@ton/core';
import {
	Blockchain,
	createShardAccount,
	EmulationError,
	Executor,
	type BlockchainTransaction,
	type ExternalOut,
	type SandboxContract,
	type TreasuryContract
} from '@ton/sandbox';
import { Purse } from '../../../src/lib/chain/contracts/purse.ts';
import { PURSE_CODE } from '../../../src/lib/chain/contracts/code.ts';
import {
	loadPurseData,
	storePurseData,
	type PurseConfig,
	type PurseData
} from '../../../src/lib/chain/contracts/purse-data.ts';
import type { Identity } from '../../../src/lib/protocol/keys.ts';
import { identityFrom } from './keys.ts';
import { configWith, DEVNET_ID, type PriceSet } from './prices.ts';

type Wallet = SandboxContract<TreasuryContract>;

/** What a message did to the contract that it was sent to. */
export type Outcome =
	/** An external message that the contract did not accept: it leaves no trace and costs nothing. */
	| { kind: 'refused'; exitCode: number }
	| {
			kind: 'done';
			exitCode: number;
			gas: bigint;
			actionCode: number;
			/** The contract's own transaction, then all that followed from it. */
			transaction: BlockchainTransaction;
			all: BlockchainTransaction[];
			externals: ExternalOut[];
	  };

/** In place of an exit code when there was no code to run, or no money to import the message. */
export const NOT_RUN = -1;

/** An outcome in short. `refused` left no trace, `failed` cost its sender the gas. */
export function verdict(outcome: Outcome): string {
	if (outcome.kind === 'refused') return `refused ${outcome.exitCode}`;
	if (outcome.exitCode !== 0) return `failed ${outcome.exitCode}`;
	return outcome.actionCode === 0 ? 'ok' : `action failed ${outcome.actionCode}`;
}

/** 2026-11-24 10:00:00 UTC, in the middle of a day. */
export const START = 1_795_514_400;
export const DAY = 86_400;

/** The TVM; starting one takes longer than most tests. It keeps nothing between messages. */
let executor: Executor | undefined;

/** A chain with a few wallets on it. */
export class World {
	readonly chain: Blockchain;
	readonly network: number;
	readonly owner: Wallet;
	readonly payee: Wallet;
	readonly stranger: Wallet;
	readonly session: Identity;

	private constructor(
		chain: Blockchain,
		network: number,
		wallets: [Wallet, Wallet, Wallet],
		session: Identity
	) {
		this.chain = chain;
		this.network = network;
		[this.owner, this.payee, this.stranger] = wallets;
		this.session = session;
	}

	static async create(prices: PriceSet = 'mainnet', network = DEVNET_ID): Promise<World> {
		executor ??= await Executor.create();
		const chain = await Blockchain.create({ executor, config: configWith(prices, network) });
		chain.now = START;
		const wallet = (name: string) => chain.treasury(name);
		return new World(
			chain,
			network,
			[await wallet('owner'), await wallet('payee'), await wallet('stranger')],
			await identityFrom('session')
		);
	}

	get now(): number {
		return this.chain.now ?? START;
	}

	pass(seconds: number): void {
		this.chain.now = this.now + seconds;
	}

	async balance(address: Address): Promise<bigint> {
		return (await this.chain.getContract(address)).balance;
	}

	async isActive(address: Address): Promise<boolean> {
		return (await this.chain.getContract(address)).accountState?.type === 'active';
	}

	async data(address: Address): Promise<Cell> {
		const state = (await this.chain.getContract(address)).accountState;
		if (state?.type !== 'active' || !state.state.data) throw new Error(`${address}: not active`);
		return state.state.data;
	}

	/** Puts a purse into a state that would take long to reach. */
	async setPurseData(address: Address, changes: Partial<PurseData>): Promise<void> {
		const data = storePurseData({ ...loadPurseData(await this.data(address)), ...changes });
		const contract = await this.chain.getContract(address);
		contract.account = createShardAccount({
			address,
			code: PURSE_CODE,
			data,
			balance: contract.balance
		});
	}

	/** A purse that does not exist yet. */
	purse(config: Partial<PurseConfig> = {}): SandboxContract<Purse> {
		return this.chain.openContract(
			Purse.createFromConfig({
				owner: this.owner.address,
				number: 0,
				sessionKey: this.session.publicKey,
				reserveNano: 80_000_000n,
				...config
			})
		);
	}

	/** A purse that holds `valueNano`, less what deploying it took. */
	async openPurse(
		valueNano: bigint,
		config: Partial<PurseConfig> = {}
	): Promise<SandboxContract<Purse>> {
		const purse = this.purse(config);
		await purse.sendTopUp(this.owner.getSender(), { valueNano });
		return purse;
	}

	/** An external message, as a contributor's page sends it. */
	async external(to: Address, body: Cell, init?: StateInit): Promise<Outcome> {
		return this.deliver(external({ to, body, ...(init && { init }) }), to);
	}

	/** A message out of nowhere in the name of `from`, which does not have to pay for it. */
	async internal(
		from: Address,
		to: Address,
		value: bigint,
		body?: Cell,
		init?: StateInit
	): Promise<Outcome> {
		const message = internal({ to, value, bounce: true, ...(body && { body }) });
		if (message.info.type !== 'internal') throw new Error('internal: expected an internal message');
		return this.deliver(
			{ ...message, info: { ...message.info, src: from }, ...(init && { init }) },
			to
		);
	}

	private async deliver(message: Message, to: Address): Promise<Outcome> {
		try {
			const { transactions, externals } = await this.chain.sendMessage(message);
			return outcomeAt(to, transactions, externals);
		} catch (error) {
			if (!(error instanceof EmulationError)) throw error;
			return { kind: 'refused', exitCode: error.exitCode ?? NOT_RUN };
		}
	}
}

/** What the transactions of one message say about the contract at `to`. */
export function outcomeAt(
	to: Address,
	transactions: BlockchainTransaction[],
	externals: ExternalOut[] = []
): Outcome {
	const transaction = transactions.find(({ address }) => address === hashNumber(to));
	if (!transaction) throw new Error(`${to}: no transaction`);
	return { kind: 'done', ...phases(transaction), transaction, all: transactions, externals };
}

/** Exit code, gas and action result; a skipped compute phase has the code -1. */
function phases(transaction: Transaction): { exitCode: number; gas: bigint; actionCode: number } {
	const { description } = transaction;
	if (description.type !== 'generic') throw new Error(`transaction: ${description.type}`);
	const { computePhase, actionPhase } = description;
	return {
		exitCode: computePhase.type === 'vm' ? computePhase.exitCode : -1,
		gas: computePhase.type === 'vm' ? computePhase.gasUsed : 0n,
		actionCode: actionPhase?.resultCode ?? 0
	};
}

export const hashNumber = (address: Address): bigint => BigInt(`0x${address.hash.toString('hex')}`);
