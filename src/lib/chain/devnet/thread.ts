import { parentPort, workerData } from 'node:worker_threads';
import { Devnet } from './devnet.ts';
import { Ledger } from './ledger.ts';
import { Machine } from './machine.ts';
import type { FromThread, ThreadRequest, ThreadSettings, ToThread } from './messages.ts';
import { answerRpc } from './methods.ts';
import { readAddress } from './params.ts';
import { RpcFailure } from './rpc-failure.ts';
import type { RpcReply } from '../rpc.ts';

/**
 * The local chain in a thread of its own: a get-method that uses all its gas computes for about a
 * second, and signalling must not wait for it.
 */

const settings = workerData as ThreadSettings;
const port = parentPort ?? fail('this file is the start of a worker thread');
const post = (message: FromThread) => port.postMessage(message);

const ledger = new Ledger(settings.file);
const devnet = new Devnet(ledger, await Machine.create(settings.globalId), {
	blockMs: settings.blockMs,
	onError(error) {
		post({ type: 'trouble', message: String(error) });
		endIfBroken(error);
	}
});

async function answer(request: ThreadRequest): Promise<unknown> {
	switch (request.type) {
		case 'rpc':
			return devnet.use((chain) => answerRpc(chain, request.call));
		case 'mint':
			return devnet.use((chain) => chain.mint(readAddress(request.address), request.amountNano));
		case 'travel':
			if (!settings.allowTimeTravel) {
				throw new RpcFailure(403, 'time travel is for tests: DEVNET_TIME_TRAVEL is not set');
			}
			return devnet.use((chain) => {
				chain.travel(request.seconds);
				return { utime: chain.head().utime };
			});
		case 'close':
			return devnet.close();
	}
}

port.on('message', ({ id, request }: ToThread) => {
	answer(request).then(
		(result) => {
			post({ type: 'reply', id, reply: { ok: true, result } });
			if (request.type === 'close') port.close();
		},
		(error: unknown) => {
			post({ type: 'reply', id, reply: refusal(error) });
			endIfBroken(error);
		}
	);
});

function refusal(error: unknown): RpcReply {
	if (error instanceof RpcFailure) return { ok: false, code: error.code, error: error.message };
	const message = error instanceof Error ? error.message : String(error);
	return { ok: false, code: 500, error: `the local chain failed: ${message}` };
}

/** After a trap the emulator's memory is in no known state; the next thread starts from the file. */
function endIfBroken(error: unknown): void {
	if (error instanceof WebAssembly.RuntimeError) process.exit(1);
}

function fail(message: string): never {
	throw new Error(message);
}
