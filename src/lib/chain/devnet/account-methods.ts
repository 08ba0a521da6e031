import { getMethodId, type Cell } from '@ton/core';
import type { RpcParams } from '../rpc.ts';
import { headId } from './block-methods.ts';
import type { ChainState } from './chain-state.ts';
import { readAccount } from './machine.ts';
import { readAddress } from './params.ts';
import { readStackItem, writeStackItem } from './stack-json.ts';
import { transactionId } from './transaction-json.ts';

/** What a liteserver says for an account without code. */
const NOT_ACTIVE = -13;

interface AccountFacts {
	balanceNano: bigint;
	status: 'active' | 'frozen' | 'uninitialized';
	code: Cell | null;
	data: Cell | null;
	/** Hex. */
	frozenHash: string | null;
	last: { lt: bigint; hash: string };
}

export function addressInformation(
	chain: ChainState,
	{ address }: RpcParams<'getAddressInformation'>
): unknown {
	const facts = accountFacts(chain, address);
	return {
		'@type': 'raw.fullAccountState',
		balance: facts.balanceNano.toString(),
		extra_currencies: [],
		code: facts.code?.toBoc().toString('base64') ?? '',
		data: facts.data?.toBoc().toString('base64') ?? '',
		last_transaction_id: transactionId(facts.last),
		block_id: headId(chain),
		frozen_hash: facts.frozenHash ? Buffer.from(facts.frozenHash, 'hex').toString('base64') : '',
		sync_utime: chain.head().utime,
		state: facts.status
	};
}

export function accountFacts(chain: ChainState, address: string): AccountFacts {
	const { account, lastTransactionLt, lastTransactionHash } = readAccount(
		chain.account(readAddress(address))
	);
	const state = account?.storage.state ?? { type: 'uninit' as const };
	return {
		balanceNano: account?.storage.balance.coins ?? 0n,
		status: state.type === 'uninit' ? 'uninitialized' : state.type,
		code: state.type === 'active' ? (state.state.code ?? null) : null,
		data: state.type === 'active' ? (state.state.data ?? null) : null,
		frozenHash: state.type === 'frozen' ? hex256(state.stateHash) : null,
		last: { lt: lastTransactionLt, hash: hex256(lastTransactionHash) }
	};
}

export async function runGetMethod(
	chain: ChainState,
	{ address, method, stack }: RpcParams<'runGetMethod'>
): Promise<unknown> {
	const methodId = typeof method === 'number' ? method : getMethodId(method);
	const result = await chain.get(readAddress(address), methodId, stack.map(readStackItem));
	return {
		'@type': 'smc.runResult',
		gas_used: Number(result?.gasUsed ?? 0n),
		stack: result?.stack.map(writeStackItem) ?? [],
		exit_code: result?.exitCode ?? NOT_ACTIVE,
		block_id: headId(chain)
	};
}

function hex256(value: bigint): string {
	return value.toString(16).padStart(64, '0');
}
