import type { RpcCall, RpcReply } from '../rpc.ts';

/** What passes between the coordinator and the thread of the local chain. Tagged unions only. */

export interface ThreadSettings {
	/** The SQLite file that is the chain. */
	file: string;
	globalId: number;
	blockMs: number;
	allowTimeTravel: boolean;
}

export type ThreadRequest =
	| { type: 'rpc'; call: RpcCall }
	| { type: 'mint'; address: string; amountNano: bigint }
	| { type: 'travel'; seconds: number }
	| { type: 'close' };

export type ToThread = { id: number; request: ThreadRequest };

export type FromThread =
	| { type: 'reply'; id: number; reply: RpcReply }
	/** Something went wrong that no request is told of. */
	| { type: 'trouble'; message: string };
