import * as v from 'valibot';
import { rawAddress } from './address-text.ts';

/**
 * The part of toncenter's HTTP API, version 2, that pages may use: what `TonClient` of `@ton/ton` calls,
 * and `sendBocReturnHash`. The same on every network: the local chain answers these itself, and for
 * the others the coordinator passes them on.
 *
 * Source: https://toncenter.com/api/v2/, and `@ton/ton/dist/client/api/HttpApi.js` for the shapes.
 */

/** The largest message the network takes is 64 KiB, but the pages' server stops reading there too. */
export const MAX_RPC_BYTES = 65_536;
const MAX_STACK_ITEMS = 32;

/** In raw form from here on, so that equal calls look equal. */
const address = v.pipe(v.string(), v.transform(rawAddress), v.string('expected an address'));
const base64 = v.pipe(
	v.string(),
	v.regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'expected base64'),
	v.maxLength(MAX_RPC_BYTES)
);
const someBase64 = v.pipe(base64, v.minLength(1, 'expected base64'));
/** A logical time: a number below 2^64, which JSON's own numbers cannot hold. */
const lt = v.pipe(
	v.union([v.pipe(v.number(), v.safeInteger(), v.minValue(0)), v.string()]),
	v.transform(String),
	v.regex(/^\d{1,20}$/, 'expected a logical time')
);
const whole = (min: number, max: number) =>
	v.pipe(
		v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d{1,10}$/), v.transform(Number))]),
		v.integer(),
		v.minValue(min),
		v.maxValue(max)
	);
const hash = v.pipe(
	v.string(),
	v.regex(/^(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)$/, 'expected a hash as hex or base64')
);
const seqno = whole(0, 4_294_967_295);
const stackItem = v.tuple([
	v.picklist(['num', 'tvm.Cell', 'tvm.Slice', 'tvm.Builder']),
	v.union([v.pipe(v.number(), v.safeInteger(), v.transform(String)), v.string()])
]);
const located = v.object({ source: address, destination: address, created_lt: lt });

export const RPC_PARAMS = {
	getMasterchainInfo: v.object({}),
	getAddressInformation: v.object({ address }),
	getAddressBalance: v.object({ address }),
	getAddressState: v.object({ address }),
	getTransactions: v.object({
		address,
		limit: v.optional(whole(1, 100), 10),
		lt: v.optional(lt),
		hash: v.optional(hash),
		to_lt: v.optional(lt),
		archival: v.optional(v.boolean())
	}),
	runGetMethod: v.object({
		address,
		method: v.union([
			v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
			whole(-2_147_483_648, 2_147_483_647)
		]),
		stack: v.optional(v.pipe(v.array(stackItem), v.maxLength(MAX_STACK_ITEMS)), [])
	}),
	sendBoc: v.object({ boc: someBase64 }),
	sendBocReturnHash: v.object({ boc: someBase64 }),
	estimateFee: v.object({
		address,
		body: someBase64,
		init_code: v.optional(base64, ''),
		init_data: v.optional(base64, ''),
		ignore_chksig: v.optional(v.boolean(), true)
	}),
	shards: v.object({ seqno }),
	getBlockTransactions: v.object({
		workchain: whole(-1, 0),
		shard: v.pipe(v.string(), v.regex(/^-?\d{1,20}$/, 'expected a shard')),
		seqno,
		count: v.optional(whole(1, 1_000), 40)
	}),
	tryLocateResultTx: located,
	tryLocateSourceTx: located
};

export type RpcMethod = keyof typeof RPC_PARAMS;
export type RpcParams<M extends RpcMethod> = v.InferOutput<(typeof RPC_PARAMS)[M]>;
export type RpcCall = { [M in RpcMethod]: { method: M; params: RpcParams<M> } }[RpcMethod];

/** `code` is the HTTP status, as toncenter has it. */
export type RpcReply = { ok: true; result: unknown } | { ok: false; code: number; error: string };

/** Whoever answers for a chain. Never throws: what goes wrong is a reply. */
export interface ChainBackend {
	call(call: RpcCall): Promise<RpcReply>;
	close(): Promise<void>;
}

/** What a page sent: a call, or why it is none. `id` is given back as it came. */
export type ParsedRpc =
	{ id: RpcId; ok: true; call: RpcCall } | { id: RpcId; ok: false; code: number; error: string };
export type RpcId = string | number | null;

const envelope = v.object({
	id: v.optional(
		v.union([v.pipe(v.string(), v.maxLength(64)), v.pipe(v.number(), v.finite()), v.null()]),
		null
	),
	jsonrpc: v.optional(v.literal('2.0')),
	method: v.pipe(v.string(), v.maxLength(64)),
	params: v.optional(v.record(v.string(), v.unknown()), {})
});

/** Parses the body of a JSON-RPC request. Total: never throws. */
export function parseRpc(text: string): ParsedRpc {
	const parsed = v.safeParse(envelope, parseJson(text));
	if (!parsed.success) {
		return { id: null, ok: false, code: 422, error: `request: ${explain(parsed.issues[0])}` };
	}
	const { id, method, params } = parsed.output;
	if (!isRpcMethod(method)) {
		return {
			id,
			ok: false,
			code: 404,
			error: `method: there is no ${JSON.stringify(method)} here`
		};
	}
	const checked = v.safeParse(RPC_PARAMS[method], params);
	if (!checked.success) return { id, ok: false, code: 422, error: explain(checked.issues[0]) };
	return { id, ok: true, call: { method, params: checked.output } as RpcCall };
}

function isRpcMethod(method: string): method is RpcMethod {
	return Object.hasOwn(RPC_PARAMS, method);
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

function explain(issue: v.BaseIssue<unknown>): string {
	const path = v.getDotPath(issue);
	return path === null ? issue.message : `${path}: ${issue.message}`;
}
