import type { ChainBackend, RpcCall, RpcReply } from '../../chain/rpc.ts';
import { ReplyCache } from './reply-cache.ts';
import { isSend, Upstream, type UpstreamOptions } from './upstream.ts';

export interface TonProxyOptions extends UpstreamOptions {
	/** How long an answer is good for. */
	blockMs: number;
}

const MAX_CACHE_BYTES = 32 * 1024 * 1024;
/** Different calls under way; the rest is told at once. */
const MAX_UNDERWAY = 200;

/**
 * Passes calls on to an endpoint of toncenter's API. Pages that ask the same within a block share one
 * answer, so that a hundred pages watching a purse cost the endpoint as much as one.
 */
export class TonProxy implements ChainBackend {
	readonly #upstream: Upstream;
	readonly #cache: ReplyCache;
	readonly #underway = new Map<string, Promise<RpcReply>>();
	readonly #closing = new AbortController();

	constructor(options: TonProxyOptions) {
		this.#upstream = new Upstream(options);
		this.#cache = new ReplyCache({ ttlMs: options.blockMs, maxBytes: MAX_CACHE_BYTES });
	}

	call(call: RpcCall): Promise<RpcReply> {
		// The parser gives keys in one order, so equal calls have equal text.
		const key = JSON.stringify(call);
		const known = isSend(call) ? null : this.#cache.get(key, performance.now());
		if (known) return Promise.resolve({ ok: true, result: known.value });
		let reply = this.#underway.get(key);
		if (!reply) {
			if (this.#underway.size >= MAX_UNDERWAY) return Promise.resolve(busy());
			reply = this.#ask(key, call).finally(() => this.#underway.delete(key));
			this.#underway.set(key, reply);
		}
		return reply;
	}

	async close(): Promise<void> {
		this.#closing.abort();
		await Promise.allSettled(this.#underway.values());
	}

	async #ask(key: string, call: RpcCall): Promise<RpcReply> {
		const { sizeBytes, ...reply } = await this.#upstream.ask(call, this.#closing.signal);
		if (reply.ok && !isSend(call)) {
			this.#cache.set(key, reply.result, sizeBytes + key.length, performance.now());
		}
		return reply;
	}
}

function busy(): RpcReply {
	return { ok: false, code: 503, error: 'too many calls wait for the TON endpoint' };
}
