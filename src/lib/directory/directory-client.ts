import * as v from 'valibot';
import { fromBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { PeerId } from '../protocol/ids.ts';
import { verifyOffer, type VerifiedOffer } from '../protocol/offer.ts';

const REQUEST_TIMEOUT_MS = 8_000;

const safeMs = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const iceServer = v.object({
	urls: v.union([v.string(), v.array(v.string())]),
	username: v.exactOptional(v.string()),
	credential: v.exactOptional(v.string())
});
const answers = {
	ice: v.object({ now: safeMs, iceServers: v.pipe(v.array(iceServer), v.maxLength(16)) }),
	challenge: v.object({ challenge: v.string(), expires: safeMs }),
	posted: v.object({ now: safeMs, expires: safeMs }),
	offers: v.object({
		now: safeMs,
		offers: v.pipe(
			v.array(v.object({ offer: v.string(), capability: v.pipe(v.string(), v.maxLength(512)) })),
			v.maxLength(8)
		)
	}),
	error: v.object({ error: v.object({ code: v.string(), message: v.string() }) })
};

/** A contributor that may be dialled: its checked offer and the directory's leave to dial it. */
export interface Candidate extends VerifiedOffer {
	capability: string;
}

export interface OfferQuery {
	model: string;
	digest?: string;
	/** Only those that take such jobs. */
	jobs?: 'free' | 'paid';
	/** Only this contributor. */
	peer?: PeerId;
	exclude?: readonly PeerId[];
	n?: number;
}

/** Where contributors are found. */
export type OfferSource = Pick<DirectoryClient, 'find'>;

/** The coordinator did not do what was asked; `status` is null when it could not be reached. */
export class DirectoryError extends Error {
	override readonly name = 'DirectoryError';
	readonly status: number | null;

	constructor(status: number | null, message: string) {
		super(message);
		this.status = status;
	}
}

/**
 * The coordinator's HTTP side. Nothing it says is taken on trust: offers are checked against their
 * signatures, and every answer is parsed.
 */
export class DirectoryClient {
	readonly coordinator: URL;
	#clockOffsetMs = 0;

	constructor(coordinator: URL) {
		this.coordinator = coordinator;
	}

	/** The coordinator's clock, as its last answer told it. */
	nowMs(): number {
		return Date.now() + this.#clockOffsetMs;
	}

	/** @throws DirectoryError */
	async iceServers(signal?: AbortSignal): Promise<RTCIceServer[]> {
		const answer = await this.#request('/api/ice', answers.ice, { signal });
		this.#clockOffsetMs = answer.now - Date.now();
		return answer.iceServers;
	}

	/** A challenge to be signed for admission to the signalling server. @throws DirectoryError */
	async challenge(signal?: AbortSignal): Promise<Bytes> {
		const { challenge } = await this.#request('/api/challenge', answers.challenge, {
			method: 'POST',
			signal
		});
		const bytes = fromBase64Url(challenge);
		if (bytes?.length !== 32) throw new DirectoryError(200, 'challenge: expected 32 bytes');
		return bytes;
	}

	/** @throws DirectoryError */
	async post(offer: string, signal?: AbortSignal): Promise<void> {
		const { now } = await this.#request('/api/offers', answers.posted, {
			method: 'POST',
			headers: { 'content-type': 'text/plain' },
			body: offer,
			signal
		});
		this.#clockOffsetMs = now - Date.now();
	}

	/** Works while the page is being closed; nothing is known of its success. */
	withdraw(withdrawal: string): void {
		navigator.sendBeacon(new URL('/api/offers/withdraw', this.coordinator), withdrawal);
	}

	/** Contributors drawn by the directory, less those whose offers do not hold. @throws DirectoryError */
	async find(query: OfferQuery, signal?: AbortSignal): Promise<Candidate[]> {
		const params = new URLSearchParams({ model: query.model, n: String(query.n ?? 8) });
		if (query.jobs) params.set('jobs', query.jobs);
		if (query.digest) params.set('digest', query.digest);
		if (query.peer) params.set('peer', query.peer);
		if (query.exclude?.length) params.set('exclude', query.exclude.join(','));
		const answer = await this.#request(`/api/offers?${params}`, answers.offers, { signal });
		this.#clockOffsetMs = answer.now - Date.now();
		const checked = await Promise.all(
			answer.offers.map(async ({ offer, capability }) => {
				const result = await verifyOffer(offer, answer.now);
				return result.ok ? [{ ...result.value, capability }] : [];
			})
		);
		return checked
			.flat()
			.filter(
				({ offer, peer }) =>
					!query.exclude?.includes(peer) &&
					(!query.peer || query.peer === peer) &&
					(!query.jobs || offer.jobs === query.jobs || offer.jobs === 'both') &&
					offer.models.some(
						({ id, digest }) => id === query.model && (!query.digest || digest === query.digest)
					)
			);
	}

	async #request<T>(
		path: string,
		schema: v.GenericSchema<unknown, T>,
		init: Omit<RequestInit, 'signal'> & { signal?: AbortSignal | undefined }
	): Promise<T> {
		const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
		const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
		let response: Response;
		let body: unknown;
		try {
			response = await fetch(new URL(path, this.coordinator), { ...init, signal });
			body = await response.json();
		} catch (error) {
			throw new DirectoryError(
				null,
				`${path}: ${error instanceof Error ? error.message : 'failed'}`
			);
		}
		if (!response.ok) {
			const told = v.safeParse(answers.error, body);
			const message = told.success ? told.output.error.message : response.statusText;
			throw new DirectoryError(response.status, `${path}: ${message}`);
		}
		const parsed = v.safeParse(schema, body);
		if (!parsed.success) throw new DirectoryError(response.status, `${path}: unexpected answer`);
		return parsed.output;
	}
}
