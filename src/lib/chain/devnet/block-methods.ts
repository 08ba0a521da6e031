import type { RpcParams } from '../rpc.ts';
import type { ChainState } from './chain-state.ts';
import { RpcFailure } from './rpc-failure.ts';
import { transactionId } from './transaction-json.ts';

/** The whole of a workchain: this chain has one shard. */
const SHARD = '-9223372036854775808';
const MASTERCHAIN = -1;
const BASECHAIN = 0;

export function masterchainInfo(chain: ChainState): unknown {
	const { seqno } = chain.head();
	return {
		'@type': 'blocks.masterchainInfo',
		last: blockId(chain, MASTERCHAIN, seqno),
		state_root_hash: chain.blockHash(seqno, 'state'),
		init: blockId(chain, MASTERCHAIN, 0)
	};
}

export function shards(chain: ChainState, { seqno }: RpcParams<'shards'>): unknown {
	requireBlock(chain, seqno);
	return { '@type': 'blocks.shards', shards: [blockId(chain, BASECHAIN, seqno)] };
}

export function blockTransactions(
	chain: ChainState,
	{ workchain, shard, seqno, count }: RpcParams<'getBlockTransactions'>
): unknown {
	requireBlock(chain, seqno);
	if (shard !== SHARD) throw new RpcFailure(404, `shard: expected ${SHARD}, the only one`);
	const found = chain.ledger.ofBlock(seqno, workchain, count + 1);
	return {
		'@type': 'blocks.transactions',
		id: blockId(chain, workchain, seqno),
		req_count: count,
		incomplete: found.length > count,
		transactions: found.slice(0, count).map((transaction) => ({
			...transactionId(transaction),
			...{ '@type': 'blocks.shortTxId', mode: 135, account: transaction.address }
		}))
	};
}

/** The masterchain's newest block, which every answer about the state refers to. */
export function headId(chain: ChainState): unknown {
	return blockId(chain, MASTERCHAIN, chain.head().seqno);
}

function blockId(chain: ChainState, workchain: number, seqno: number): unknown {
	return {
		'@type': 'ton.blockIdExt',
		workchain,
		shard: SHARD,
		seqno,
		root_hash: chain.blockHash(seqno, 'root'),
		file_hash: chain.blockHash(seqno, 'file')
	};
}

function requireBlock(chain: ChainState, seqno: number): void {
	const newest = chain.head().seqno;
	if (seqno <= newest) return;
	throw new RpcFailure(500, `LITE_SERVER_NOTREADY: block ${seqno} is not there; newest ${newest}`);
}
