import {
	beginCell,
	Cell,
	loadShardAccount,
	loadTransaction,
	parseTuple,
	storeShardAccount,
	type Address,
	type ShardAccount,
	type Transaction,
	type TupleItem
} from '@ton/core';
import { createEmptyShardAccount, defaultConfig, Executor } from '@ton/sandbox';
import { networkConfig } from './config.ts';

/** What liteservers allow a get-method. */
const GET_METHOD_GAS = 1_000_000n;
const NO_SEED = Buffer.alloc(32);

/** When and in which order something runs. */
export interface Moment {
	/** Unix seconds. */
	utime: number;
	lt: bigint;
	/** 32 bytes, new for every block. */
	randomSeed: Buffer;
}

export type Outcome =
	| { ok: true; transaction: Transaction; boc: string; state: string }
	/** The account did not take the message, so there is no transaction. */
	| { ok: false; error: string; exitCode: number | null };

export interface GetOutcome {
	exitCode: number;
	gasUsed: bigint;
	stack: TupleItem[];
}

/**
 * TON's own virtual machine and transaction rules, compiled to WebAssembly in `@ton/sandbox`. Only its
 * `Executor` is used, which is a function: account and message in, transaction and account out. Its
 * `Blockchain` keeps every transaction in memory, and its queue does not outlive the process.
 */
export class Machine {
	readonly #executor: Executor;
	readonly #config: string;

	private constructor(executor: Executor, config: string) {
		this.#executor = executor;
		this.#config = config;
	}

	static async create(globalId: number): Promise<Machine> {
		return new Machine(await Executor.create(), networkConfig(defaultConfig, globalId));
	}

	/**
	 * @param state the account, as {@link Outcome} or {@link emptyAccount} gave it
	 * @param message a `Message` cell
	 * @param ignoreSignature for estimates: every signature passes
	 */
	async run(
		state: string,
		message: Cell,
		{ utime, lt, randomSeed }: Moment,
		ignoreSignature = false
	): Promise<Outcome> {
		const { result } = await this.#executor.runTransaction({
			config: this.#config,
			libs: null,
			verbosity: 'short',
			shardAccount: state,
			message,
			now: utime,
			lt,
			randomSeed,
			ignoreChksig: ignoreSignature,
			debugEnabled: false
		});
		if (!result.success) {
			return { ok: false, error: result.error, exitCode: result.vmResults?.vmExitCode ?? null };
		}
		const transaction = loadTransaction(Cell.fromBase64(result.transaction).beginParse());
		return { ok: true, transaction, boc: result.transaction, state: result.shardAccount };
	}

	/** `null` where there is no code to run. */
	async get(
		address: Address,
		state: string,
		methodId: number,
		stack: TupleItem[],
		utime: number
	): Promise<GetOutcome | null> {
		const { account } = readAccount(state);
		if (account?.storage.state.type !== 'active') return null;
		const { code, data } = account.storage.state.state;
		if (!code) return null;
		const { output } = await this.#executor.runGetMethod({
			config: this.#config,
			verbosity: 'short',
			code,
			data: data ?? Cell.EMPTY,
			methodId,
			stack,
			address,
			unixTime: utime,
			balance: account.storage.balance.coins,
			randomSeed: NO_SEED,
			gasLimit: GET_METHOD_GAS,
			debugEnabled: false
		});
		if (!output.success) throw new Error(`get-method ${methodId}: ${output.error}`);
		return {
			exitCode: output.vm_exit_code,
			gasUsed: BigInt(output.gas_used),
			stack: parseTuple(Cell.fromBase64(output.stack))
		};
	}
}

export function readAccount(state: string): ShardAccount {
	return loadShardAccount(Cell.fromBase64(state).beginParse());
}

/** An account that nothing ever came to. */
export function emptyAccount(address: Address): string {
	const account = beginCell().store(storeShardAccount(createEmptyShardAccount(address)));
	return account.endCell().toBoc().toString('base64');
}
