import { Worker } from 'node:worker_threads';
import type { ChainBackend, RpcCall, RpcReply } from '../rpc.ts';
import type { FromThread, ThreadRequest, ThreadSettings, ToThread } from './messages.ts';

const THREAD = new URL('./thread.ts', import.meta.url);
/** A block may work for 2 s, and a get-method for one. */
const DEADLINE_MS = 15_000;
const CLOSE_DEADLINE_MS = 3_000;
const MAX_WAITING = 256;
/** It works with about 60 MB. Left alone, the collector lets garbage pile up to several times that. */
const HEAP_LIMITS = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 };

interface Thread {
	worker: Worker;
	waiting: Map<number, (reply: RpcReply) => void>;
	/** When it last said anything; by the monotonic clock. */
	heardMs: number;
}

/**
 * The local chain, seen from the coordinator. Its thread starts with the first call, so that a
 * coordinator whose pages never ask for coins pays nothing for it; one that dies is started again.
 */
export class LocalChain implements ChainBackend {
	readonly #settings: ThreadSettings;
	readonly #onTrouble: (message: string) => void;
	readonly #deadlineMs: number;
	#thread: Thread | null = null;
	#lastId = 0;
	#isClosed = false;

	constructor(
		settings: ThreadSettings,
		onTrouble: (message: string) => void,
		deadlineMs = DEADLINE_MS
	) {
		this.#settings = settings;
		this.#onTrouble = onTrouble;
		this.#deadlineMs = deadlineMs;
	}

	get isStarted(): boolean {
		return this.#thread !== null;
	}

	call(call: RpcCall): Promise<RpcReply> {
		return this.#ask({ type: 'rpc', call });
	}

	/** New coins, with the next block. */
	mint(address: string, amountNano: bigint): Promise<RpcReply> {
		return this.#ask({ type: 'mint', address, amountNano });
	}

	/** Moves the chain's time ahead; refused unless the settings allow it. */
	travel(seconds: number): Promise<RpcReply> {
		return this.#ask({ type: 'travel', seconds });
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		const thread = this.#thread;
		if (!thread) return;
		await this.#send(thread, { type: 'close' }, CLOSE_DEADLINE_MS);
		await thread.worker.terminate();
	}

	#ask(request: ThreadRequest): Promise<RpcReply> {
		if (this.#isClosed) return Promise.resolve(closed());
		this.#thread ??= this.#start();
		if (this.#thread.waiting.size >= MAX_WAITING) return Promise.resolve(busy());
		return this.#send(this.#thread, request, this.#deadlineMs);
	}

	#send(thread: Thread, request: ThreadRequest, deadlineMs: number): Promise<RpcReply> {
		const { worker, waiting } = thread;
		const id = ++this.#lastId;
		const { promise, resolve } = Promise.withResolvers<RpcReply>();
		const timer = setTimeout(() => {
			resolve({ ok: false, code: 504, error: 'the local chain did not answer in time' });
			this.#endIfSilent(thread, deadlineMs);
		}, deadlineMs);
		waiting.set(id, resolve);
		worker.postMessage({ id, request } satisfies ToThread);
		return promise.finally(() => {
			clearTimeout(timer);
			waiting.delete(id);
		});
	}

	/** A thread that is only busy answers others meanwhile; one that hangs is replaced. */
	#endIfSilent({ worker, heardMs }: Thread, deadlineMs: number): void {
		if (performance.now() - heardMs < deadlineMs) return;
		this.#onTrouble(`the thread said nothing for ${deadlineMs} ms`);
		void worker.terminate();
	}

	#start(): Thread {
		const worker = new Worker(THREAD, {
			workerData: this.#settings,
			name: 'local-chain',
			resourceLimits: HEAP_LIMITS
		});
		const thread: Thread = { worker, waiting: new Map(), heardMs: performance.now() };
		worker.on('message', (message: FromThread) => {
			thread.heardMs = performance.now();
			if (message.type === 'reply') thread.waiting.get(message.id)?.(message.reply);
			else this.#onTrouble(message.message);
		});
		worker.on('error', (error) => this.#onTrouble(`the thread failed: ${String(error)}`));
		worker.on('exit', () => {
			if (this.#thread === thread) this.#thread = null;
			for (const resolve of thread.waiting.values()) resolve(ended());
		});
		// The chain alone keeps no process alive.
		worker.unref();
		return thread;
	}
}

function busy(): RpcReply {
	return { ok: false, code: 503, error: 'too many calls wait for the local chain' };
}

function closed(): RpcReply {
	return { ok: false, code: 503, error: 'the coordinator shuts down' };
}

function ended(): RpcReply {
	return { ok: false, code: 503, error: 'the local chain ended; try again' };
}
