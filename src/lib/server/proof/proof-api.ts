import { NETWORKS } from '../../chain/networks.ts';
import type { ChainBackend } from '../../chain/rpc.ts';
import { answer, readJson, refuse } from '../answers.ts';
import { readCaller } from '../caller-headers.ts';
import type { Metrics } from '../metrics.ts';
import { Challenges } from '../secrets.ts';
import { isLocalhost, type Settings } from '../settings.ts';
import { KeyedBuckets } from '../token-bucket.ts';
import { checkProof } from './check-proof.ts';
import { parseProof } from './proof-request.ts';

/** Between asking a wallet and its answer somebody may look for a phone. */
const PAYLOAD_TTL_MS = 10 * 60_000;
const MAX_BODY_BYTES = 16_384;
/** A check may ask the chain. */
const RATE = { perSecond: 0.2, burst: 20 };

export interface ProofApiParts {
	settings: Settings;
	metrics: Metrics;
	chain: ChainBackend;
}

/** Checks that a person owns the wallet that they name. */
export class ProofApi {
	readonly #parts: ProofApiParts;
	readonly #payloads = new Challenges(PAYLOAD_TTL_MS);
	readonly #callers = new KeyedBuckets(RATE);

	constructor(parts: ProofApiParts) {
		this.#parts = parts;
	}

	/** `POST /api/proof/payload`: the text that the wallet has to sign. */
	payload(): Response {
		const now = Date.now();
		const { challenge, expires } = this.#payloads.issue(now);
		return answer({ payload: challenge, expires, now });
	}

	/** `POST /api/proof` with what TON Connect gave: `{address, network, walletStateInit, proof}`. */
	async check(request: Request): Promise<Response> {
		const { settings, chain } = this.#parts;
		const nowMs = Date.now();
		if (!this.#callers.take(readCaller(request).group, nowMs)) {
			const message = 'Too many proofs from this address; try again in a moment.';
			return this.#refuse(429, 'too_many_proofs', message);
		}
		const domains = domainsOf(settings, request);
		if (domains === null) {
			const message = 'Proofs need ORIGIN to be set: otherwise any host could be claimed.';
			return this.#refuse(503, 'no_origin', message);
		}
		const parsed = parseProof(await readJson(request, MAX_BODY_BYTES));
		if (!parsed.ok) return this.#refuse(400, 'bad_proof', parsed.message, parsed.field);
		const { globalId } = NETWORKS[settings.network];
		const context = { globalId, domains, payloads: this.#payloads, chain, nowMs };
		const checked = await checkProof(parsed.request, context);
		if (checked.ok) return answer({ now: nowMs, account: checked.account });
		const { code, message, field } = checked.fault;
		return this.#refuse(400, code, message, field);
	}

	#refuse(status: number, code: string, message: string, field?: string): Response {
		this.#parts.metrics.refused(code);
		return refuse({ status, code, message, field });
	}
}

/**
 * The hosts that a proof may name. Where no origin is set, the request's own `Host` is believed on
 * this machine only: a stranger could claim any other, and so use a proof made for another site.
 */
function domainsOf({ origin }: Settings, request: Request): string[] | null {
	const { hostname, host } = new URL(origin ?? request.url);
	return origin !== null || isLocalhost(hostname) ? [hostname, host] : null;
}
