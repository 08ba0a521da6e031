import * as v from 'valibot';
import { rawAddress } from '../../chain/address-text.ts';
import { KeyedBuckets, TokenBucket } from '../token-bucket.ts';

/** Who may have how many coins of the devnet. They are worth nothing; the limits keep the chain small. */

export const FAUCET_DEFAULT_NANO = 5_000_000_000n;
export const FAUCET_MAX_NANO = 20_000_000_000n;

const SECONDS_AN_HOUR = 3_600;
const GRANTS_A_WALLET_AT_ONCE = 5;
const GRANTS_A_WALLET_AN_HOUR = 20;
/** How many busy callers there may be. */
const CALLERS = 20;

const grant = v.object({
	address: v.pipe(
		v.string(),
		v.transform(rawAddress),
		v.string('expected a raw or user-friendly address')
	),
	amountNano: v.optional(
		v.pipe(
			v.string(),
			v.regex(/^[1-9]\d{0,18}$/, `expected a number of nano up to ${FAUCET_MAX_NANO}`),
			v.transform((text) => BigInt(text)),
			v.maxValue(FAUCET_MAX_NANO, `expected a number of nano up to ${FAUCET_MAX_NANO}`)
		)
	)
});

export type ParsedGrant =
	/** The address in raw form. */
	{ ok: true; address: string; amountNano: bigint } | { ok: false; message: string; field: string };

/** Parses the body of a request for coins. Total: never throws. */
export function parseGrant(body: unknown): ParsedGrant {
	const parsed = v.safeParse(grant, body);
	if (parsed.success) {
		const { address, amountNano = FAUCET_DEFAULT_NANO } = parsed.output;
		return { ok: true, address, amountNano };
	}
	const [issue] = parsed.issues;
	const field = v.getDotPath(issue) ?? 'body';
	return { ok: false, message: `${field}: ${issue.message}.`, field };
}

export class Faucet {
	readonly #callers: KeyedBuckets;
	readonly #wallets = new KeyedBuckets({
		perSecond: GRANTS_A_WALLET_AN_HOUR / SECONDS_AN_HOUR,
		burst: GRANTS_A_WALLET_AT_ONCE
	});
	readonly #all: TokenBucket;

	constructor(grantsPerHour: number) {
		const perSecond = grantsPerHour / SECONDS_AN_HOUR;
		this.#callers = new KeyedBuckets({ perSecond, burst: grantsPerHour });
		const all = { perSecond: perSecond * CALLERS, burst: grantsPerHour * CALLERS };
		this.#all = new TokenBucket(all, Date.now());
	}

	/** Takes one grant; otherwise the sentence that says why not. */
	take(caller: string, wallet: string, nowMs: number): string | null {
		if (!this.#wallets.take(wallet, nowMs)) {
			return 'This address had its coins; ask again in a few minutes.';
		}
		if (!this.#callers.take(caller, nowMs)) {
			return 'You asked for coins too often; ask again later.';
		}
		return this.#all.take(nowMs) ? null : 'The faucet has given all it may for now.';
	}
}
