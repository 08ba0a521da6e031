import { Cell, loadMessage, TupleReader, type Address, type Transaction } from '@ton/core';
import type { TonClient } from '@ton/ton';
import type { ChainPort } from '../../src/lib/chain/chain-purses.ts';
import type { World } from '../contracts/support/world.ts';

/** The sandbox, answering as `TonClient` does. Every message is a block of its own. */
export class SandboxPort implements ChainPort {
	readonly #world: World;
	/** Newest first, by account: `@ton/sandbox` gives its own list in no useful order. */
	readonly #ledger = new Map<string, Transaction[]>();
	/** How messages from outside ended, in the order they came. */
	readonly outcomes: string[] = [];

	constructor(world: World) {
		this.#world = world;
	}

	getContractState: TonClient['getContractState'] = async (address) => {
		const contract = await this.#world.chain.getContract(address);
		const state = contract.accountState;
		const active = state?.type === 'active' ? state.state : null;
		return {
			balance: contract.balance,
			extra_currencies: undefined,
			state: active ? 'active' : 'uninitialized',
			code: active?.code?.toBoc() ?? null,
			data: active?.data?.toBoc() ?? null,
			lastTransaction: null,
			blockId: { workchain: 0, shard: '', seqno: 0 },
			timestampt: this.#world.now
		};
	};

	runMethod: TonClient['runMethod'] = async (address, name, args = []) => {
		const result = await this.#world.chain.runGetMethod(address, name, args);
		return { gas_used: Number(result.gasUsed), stack: new TupleReader(result.stack) };
	};

	sendFile: TonClient['sendFile'] = async (boc) => {
		const [root] = Cell.fromBoc(boc);
		if (!root) throw new Error('boc: expected a root');
		const message = loadMessage(root.beginParse());
		if (message.info.type !== 'external-in') throw new Error('expected a message from outside');
		const outcome = await this.#world.external(message.info.dest, message.body);
		if (outcome.kind === 'refused') {
			this.outcomes.push(`refused ${outcome.exitCode}`);
			throw new Error(`exit code ${outcome.exitCode}`);
		}
		this.outcomes.push(`done ${outcome.exitCode}`);
		this.#record(message.info.dest, outcome.transaction);
	};

	getTransactions: TonClient['getTransactions'] = async (address, { limit }) =>
		(this.#ledger.get(address.toRawString()) ?? []).slice(0, limit);

	#record(address: Address, transaction: Transaction): void {
		const key = address.toRawString();
		this.#ledger.set(key, [transaction, ...(this.#ledger.get(key) ?? [])]);
	}
}
