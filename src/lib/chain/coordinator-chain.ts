import * as v from 'valibot';
import { NETWORK_NAMES } from './networks.ts';
import { CHAIN_PATH, FAUCET_PATH } from './paths.ts';

const REQUEST_TIMEOUT_MS = 8_000;

const nano = v.pipe(
	v.string(),
	v.regex(/^\d{1,19}$/),
	v.transform((text) => BigInt(text))
);
const path = v.pipe(v.string(), v.regex(/^\/[\w/.-]*$/));
const pattern = (placeholder: string) =>
	v.pipe(v.string(), v.startsWith('https://'), v.includes(placeholder));

const chainInfo = v.object({
	now: v.pipe(v.number(), v.safeInteger()),
	network: v.picklist(NETWORK_NAMES),
	globalId: v.pipe(v.number(), v.integer()),
	coin: v.string(),
	hasValue: v.boolean(),
	blockMs: v.pipe(v.number(), v.integer(), v.minValue(1)),
	rpc: path,
	explorer: v.nullable(v.object({ address: pattern('{address}'), transaction: pattern('{hash}') })),
	faucet: v.nullable(v.object({ path, defaultNano: nano, maxNano: nano }))
});

/** The network that a coordinator is on, as `GET /api/chain` tells it. */
export type ChainInfo = v.InferOutput<typeof chainInfo>;

const refusal = v.object({ error: v.object({ code: v.string(), message: v.string() }) });

/** The coordinator did not do what was asked; `status` is null when it could not be reached. */
export class CoordinatorChainError extends Error {
	override readonly name = 'CoordinatorChainError';
	readonly status: number | null;
	/** The coordinator's own word for it, such as `too_many_grants`. */
	readonly code: string | null;

	constructor(status: number | null, code: string | null, message: string) {
		super(message);
		this.status = status;
		this.code = code;
	}
}

/** @throws {CoordinatorChainError} */
export async function fetchChainInfo(coordinator: URL, signal?: AbortSignal): Promise<ChainInfo> {
	const parsed = v.safeParse(chainInfo, await request(coordinator, CHAIN_PATH, { signal }));
	if (parsed.success) return parsed.output;
	const field = v.getDotPath(parsed.issues[0]) ?? 'body';
	throw new CoordinatorChainError(
		200,
		null,
		`${CHAIN_PATH}: ${field}: ${parsed.issues[0].message}`
	);
}

/**
 * Asks the devnet's faucet for coins; they arrive with the next block.
 *
 * @param address raw or user-friendly
 * @param amountNano up to what {@link ChainInfo} says; its default if absent
 * @throws {CoordinatorChainError}
 */
export async function askFaucet(
	coordinator: URL,
	address: string,
	amountNano?: bigint,
	signal?: AbortSignal
): Promise<void> {
	await request(coordinator, FAUCET_PATH, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ address, amountNano: amountNano?.toString() }),
		signal
	});
}

type RequestOptions = Omit<RequestInit, 'signal'> & { signal: AbortSignal | undefined };

async function request(coordinator: URL, to: string, options: RequestOptions): Promise<unknown> {
	const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
	const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
	let response: Response;
	let body: unknown;
	try {
		response = await fetch(new URL(to, coordinator), { ...options, signal });
		body = await response.json();
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new CoordinatorChainError(null, null, `${to}: ${reason}`);
	}
	if (response.ok) return body;
	const parsed = v.safeParse(refusal, body);
	const { code, message } = parsed.success
		? parsed.output.error
		: { code: null, message: `status ${response.status}` };
	throw new CoordinatorChainError(response.status, code, message);
}
