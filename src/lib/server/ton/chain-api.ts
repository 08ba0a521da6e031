import * as v from 'valibot';
import type { LocalChain } from '../../chain/devnet/local-chain.ts';
import { NETWORKS } from '../../chain/networks.ts';
import { FAUCET_PATH, RPC_PATH } from '../../chain/paths.ts';
import {
	MAX_RPC_BYTES,
	parseRpc,
	type ChainBackend,
	type RpcId,
	type RpcReply
} from '../../chain/rpc.ts';
import { answer, readJson, readText, refuse } from '../answers.ts';
import { readCaller } from '../caller-headers.ts';
import type { Metrics } from '../metrics.ts';
import type { Settings } from '../settings.ts';
import { KeyedBuckets } from '../token-bucket.ts';
import { Faucet, FAUCET_DEFAULT_NANO, FAUCET_MAX_NANO, parseGrant } from './faucet.ts';

/** A page looks at a wallet, a purse and the time at once. */
const BURST_SECONDS = 4;
const MAX_BODY_BYTES = 1_024;
const MAX_TRAVEL_SECONDS = 366 * 86_400;

const travel = v.object({
	seconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_TRAVEL_SECONDS))
});

export interface ChainApiParts {
	settings: Settings;
	metrics: Metrics;
	backend: ChainBackend;
	/** The same as `backend` on the devnet, `null` elsewhere. */
	local: LocalChain | null;
}

/** The chain, for pages: TON's HTTP API, and what only the devnet has. */
export class ChainApi {
	readonly #parts: ChainApiParts;
	readonly #calls: KeyedBuckets;
	readonly #faucet: Faucet;

	constructor(parts: ChainApiParts) {
		const perSecond = parts.settings.chainRequestsPerSecond;
		this.#parts = parts;
		this.#calls = new KeyedBuckets({ perSecond, burst: perSecond * BURST_SECONDS });
		this.#faucet = new Faucet(parts.settings.faucetGrantsPerHour);
	}

	/** `GET /api/chain`: which network this is. */
	info(): Response {
		const { settings, local } = this.#parts;
		const { name, globalId, coin, hasValue, blockMs, explorer } = NETWORKS[settings.network];
		return answer({
			now: Date.now(),
			...{ network: name, globalId, coin, hasValue, explorer, rpc: RPC_PATH },
			blockMs: local ? settings.devnetBlockMs : blockMs,
			faucet: local
				? {
						path: FAUCET_PATH,
						defaultNano: FAUCET_DEFAULT_NANO.toString(),
						maxNano: FAUCET_MAX_NANO.toString()
					}
				: null
		});
	}

	/** `POST /api/chain/jsonRPC`: in toncenter's shapes, errors too, for its clients. */
	async rpc(request: Request): Promise<Response> {
		const { metrics, backend } = this.#parts;
		if (!this.#calls.take(readCaller(request).group, Date.now())) {
			metrics.refused('chain_rate');
			return rpcResponse(null, { ok: false, code: 429, error: 'Ratelimit exceed' });
		}
		const text = await readText(request, MAX_RPC_BYTES);
		if (text === null) {
			const error = `the body may have ${MAX_RPC_BYTES} bytes`;
			return rpcResponse(null, { ok: false, code: 413, error });
		}
		const parsed = parseRpc(text);
		if (!parsed.ok) {
			metrics.refused('bad_rpc');
			return rpcResponse(parsed.id, parsed);
		}
		const reply = await backend.call(parsed.call);
		metrics.chainCalled(parsed.call.method, outcomeOf(reply));
		return rpcResponse(parsed.id, reply);
	}

	/** `POST /api/chain/faucet` with `{address, amountNano?}`: coins of the devnet, with the next block. */
	async faucet(request: Request): Promise<Response> {
		const { local, metrics } = this.#parts;
		if (!local) return this.#notHere('faucet');
		const grant = parseGrant(await readJson(request, MAX_BODY_BYTES));
		if (!grant.ok) {
			return refuse({ ...grant, status: 400, code: 'bad_grant' });
		}
		const { address, amountNano } = grant;
		const limit = this.#faucet.take(readCaller(request).group, address, Date.now());
		if (limit) {
			metrics.refused('faucet_rate');
			return refuse({ status: 429, code: 'too_many_grants', message: limit });
		}
		const reply = await local.mint(address, amountNano);
		if (!reply.ok) return chainFailed(reply);
		return answer({ now: Date.now(), address, amountNano: amountNano.toString() });
	}

	/** `POST /api/chain/advance` with `{seconds}`: time travel, for tests. */
	async advance(request: Request): Promise<Response> {
		const { local, settings } = this.#parts;
		if (!local || !settings.allowsTimeTravel) return this.#notHere('time travel');
		const parsed = v.safeParse(travel, await readJson(request, MAX_BODY_BYTES));
		if (!parsed.success) {
			const message = `seconds: expected a whole number from 1 to ${MAX_TRAVEL_SECONDS}.`;
			return refuse({ status: 400, code: 'bad_travel', message, field: 'seconds' });
		}
		const reply = await local.travel(parsed.output.seconds);
		return reply.ok ? answer({ now: Date.now(), chain: reply.result }) : chainFailed(reply);
	}

	#notHere(what: string): Response {
		this.#parts.metrics.refused('not_devnet');
		const message = `There is no ${what} here.`;
		return refuse({ status: 404, code: 'not_here', message });
	}
}

function chainFailed({ code, error }: { code: number; error: string }): Response {
	// What the page sent is at fault where the chain says 4xx.
	const isPages = code >= 400 && code < 500;
	return refuse({
		status: isPages ? 400 : 503,
		code: isPages ? 'bad_grant' : 'chain_failed',
		message: error
	});
}

function outcomeOf(reply: RpcReply): 'ok' | 'refused' | 'failed' {
	if (reply.ok) return 'ok';
	return reply.code > 500 ? 'failed' : 'refused';
}

function rpcResponse(id: RpcId, reply: RpcReply): Response {
	const status = reply.ok ? 200 : reply.code;
	const body = reply.ok
		? { ok: true, result: reply.result }
		: { ok: false, error: reply.error, code: reply.code };
	return Response.json(
		{ ...body, id, jsonrpc: '2.0' },
		{
			status,
			headers: {
				'cache-control': 'no-store',
				...(status === 429 || status === 503 ? { 'retry-after': '1' } : {})
			}
		}
	);
}
