import type { RpcCall, RpcMethod, RpcParams } from '../rpc.ts';
import { accountFacts, addressInformation, runGetMethod } from './account-methods.ts';
import { blockTransactions, masterchainInfo, shards } from './block-methods.ts';
import type { ChainState } from './chain-state.ts';
import { estimateFee } from './fee-estimate.ts';
import { readCell } from './params.ts';
import { resultTransaction, sourceTransaction, transactions } from './transaction-methods.ts';

type Handlers = {
	readonly [M in RpcMethod]: (chain: ChainState, params: RpcParams<M>) => unknown;
};

/** The methods of `RPC_PARAMS`, in toncenter's shapes. */
const HANDLERS: Handlers = {
	getMasterchainInfo: masterchainInfo,
	getAddressInformation: addressInformation,
	getAddressBalance: (chain, { address }) => accountFacts(chain, address).balanceNano.toString(),
	getAddressState: (chain, { address }) => accountFacts(chain, address).status,
	getTransactions: transactions,
	runGetMethod,
	async sendBoc(chain, { boc }) {
		await chain.accept(readCell(boc, 'boc'));
		return { '@type': 'ok' };
	},
	async sendBocReturnHash(chain, { boc }) {
		const root = readCell(boc, 'boc');
		await chain.accept(root);
		return { '@type': 'raw.extMessageInfo', hash: root.hash().toString('base64') };
	},
	estimateFee,
	shards,
	getBlockTransactions: blockTransactions,
	tryLocateResultTx: resultTransaction,
	tryLocateSourceTx: sourceTransaction
};

/** @throws {RpcFailure} */
export async function answerRpc(chain: ChainState, call: RpcCall): Promise<unknown> {
	const handler = HANDLERS[call.method] as (chain: ChainState, params: unknown) => unknown;
	return await handler(chain, call.params);
}
