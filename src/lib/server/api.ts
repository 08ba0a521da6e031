import type { Catalogue } from '../models/model-entry.ts';
import { parsePeerId } from '../protocol/ids.ts';
import { MAX_OFFER_BYTES } from '../protocol/offer.ts';
import { answer, readText, refuse } from './answers.ts';
import type { Directory } from './directory.ts';
import { isEqual } from './is-equal.ts';
import type { Metrics } from './metrics.ts';
import { modelFigures } from './network-figures.ts';
import type { Capabilities, Challenges } from './secrets.ts';
import type { Settings } from './settings.ts';
import type { Signalling } from './signalling.ts';

const MAX_OFFERS_AN_ANSWER = 8;
const MAX_EXCLUDED = 32;
const JOB_KINDS = ['free', 'paid'] as const;

export interface ApiParts {
	settings: Settings;
	catalogue: Catalogue;
	directory: Directory;
	signalling: Signalling;
	challenges: Challenges;
	capabilities: Capabilities;
	metrics: Metrics;
}

/** What the coordinator answers over HTTP. The routes in `src/routes` only call these. */
export class Api {
	readonly #parts: ApiParts;

	constructor(parts: ApiParts) {
		this.#parts = parts;
	}

	/** `GET /api/ice` */
	ice(): Response {
		return answer({ now: Date.now(), iceServers: this.#parts.settings.iceServers });
	}

	/** `POST /api/challenge` */
	challenge(): Response {
		const now = Date.now();
		return answer({ ...this.#parts.challenges.issue(now), now });
	}

	/** `POST /api/offers` */
	async postOffer(request: Request): Promise<Response> {
		const jws = await readText(request, MAX_OFFER_BYTES);
		if (jws === null) return this.#tooLarge();
		const now = Date.now();
		const result = await this.#parts.directory.post(jws, now);
		if (result.ok) return answer({ now, expires: result.expires });
		const status = { bad_offer: 400, replaced: 409, directory_full: 503 }[result.code];
		return this.#refuse(status, result.code, result.message, result.field);
	}

	/** `POST /api/offers/withdraw` */
	async withdrawOffer(request: Request): Promise<Response> {
		const jws = await readText(request, MAX_OFFER_BYTES);
		if (jws === null) return this.#tooLarge();
		if (await this.#parts.directory.withdraw(jws, Date.now())) {
			return new Response(null, { status: 204 });
		}
		return this.#refuse(400, 'bad_withdrawal', 'The withdrawal is not signed by the key it names.');
	}

	/** `GET /api/offers?model=ID[&digest=][&jobs=free|paid][&peer=][&exclude=a,b][&n=1..8]` */
	findOffers(query: URLSearchParams): Response {
		const model = query.get('model');
		if (!model) {
			return this.#refuse(400, 'bad_query', 'model: expected the id of a model.', 'model');
		}
		const count = query.get('n') ?? String(MAX_OFFERS_AN_ANSWER);
		if (!/^[1-8]$/.test(count)) {
			return this.#refuse(400, 'bad_query', 'n: expected a number from 1 to 8.', 'n');
		}
		const peerText = query.get('peer');
		const peer = peerText === null ? undefined : parsePeerId(peerText);
		if (peer === null) {
			return this.#refuse(400, 'bad_query', 'peer: expected the id of a contributor.', 'peer');
		}
		const jobsText = query.get('jobs');
		const jobs = JOB_KINDS.find((kind) => kind === jobsText);
		if (jobsText !== null && !jobs) {
			return this.#refuse(400, 'bad_query', 'jobs: expected free or paid.', 'jobs');
		}
		const now = Date.now();
		const exclude = new Set((query.get('exclude') ?? '').split(',').slice(0, MAX_EXCLUDED));
		const digest = query.get('digest') ?? undefined;
		const { directory, capabilities } = this.#parts;
		const wanted = { model, digest, jobs, peer, exclude, count: Number(count) };
		const found = directory.find(wanted, now);
		return answer({
			now,
			offers: found.map((verified) => ({
				offer: verified.jws,
				capability: capabilities.issue(verified.peer, now)
			}))
		});
	}

	/** `GET /api/network` */
	network(): Response {
		const now = Date.now();
		const offers = this.#parts.directory.live(now);
		return answer({
			now,
			contributors: offers.length,
			requesters: this.#parts.signalling.counts().requesters,
			models: modelFigures(offers)
		});
	}

	/** `GET /api/catalogue` */
	catalogue(): Response {
		return answer(this.#parts.catalogue);
	}

	/** `GET /healthz` */
	health(): Response {
		return answer({ ok: true, uptimeSeconds: Math.floor(process.uptime()) });
	}

	/** `GET /metrics`: for this machine, or with the token. */
	async metrics(request: Request, isLocal: boolean): Promise<Response> {
		const { settings, metrics } = this.#parts;
		const authorization = request.headers.get('authorization');
		const hasToken =
			settings.metricsToken !== null &&
			authorization !== null &&
			(await isEqual(authorization, `Bearer ${settings.metricsToken}`));
		if (!isLocal && !hasToken) {
			return this.#refuse(
				403,
				'not_allowed',
				'Metrics need a token or a request from this machine.'
			);
		}
		return new Response(await metrics.registry.metrics(), {
			headers: { 'content-type': metrics.registry.contentType, 'cache-control': 'no-store' }
		});
	}

	#tooLarge(): Response {
		return this.#refuse(413, 'too_large', `The body may have ${MAX_OFFER_BYTES} bytes.`);
	}

	#refuse(status: number, code: string, message: string, field?: string): Response {
		this.#parts.metrics.refused(code);
		return refuse({ status, code, message, field });
	}
}
