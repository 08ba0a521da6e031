import type { PeerId } from '../protocol/ids.ts';
import {
	OFFER_TTL_MS,
	verifyOffer,
	verifyWithdrawal,
	type OfferedModel,
	type VerifiedOffer
} from '../protocol/offer.ts';
import { weightedSample } from './weighted-sample.ts';

/** How far a contributor's clock, set by our answers, may run ahead. */
const CLOCK_TOLERANCE_MS = 5_000;
/** A busy contributor has a queue, so it may still be asked, but seldom. */
const WEIGHT_OF_NO_FREE_SLOT = 0.05;

/** One contributor's newest word: an offer, or none since it was withdrawn. */
interface Entry {
	issued: number;
	verified: VerifiedOffer | null;
	/** Until when the word is remembered, so that an older offer cannot be posted again. */
	untilMs: number;
}

export interface DirectoryParts {
	/** Whether this peer has a signalling socket: nobody can reach one that has none. */
	isPresent: (id: PeerId) => boolean;
	maxOffers: number;
	/** Uniform in [0, 1). */
	random: () => number;
}

export interface DirectoryQuery {
	model: string;
	digest?: string | undefined;
	/** Only contributors that take such jobs. */
	jobs?: 'free' | 'paid' | undefined;
	/** Only this contributor, even if busy: for going on with it. */
	peer?: PeerId | undefined;
	exclude: ReadonlySet<string>;
	count: number;
}

export type PostResult =
	| { ok: true; expires: number }
	| {
			ok: false;
			code: 'bad_offer' | 'replaced' | 'directory_full';
			message: string;
			field?: string;
	  };

/** The signed offers of contributors, in memory, each until it expires. */
export class Directory {
	readonly #parts: DirectoryParts;
	readonly #entries = new Map<PeerId, Entry>();

	constructor(parts: DirectoryParts) {
		this.#parts = parts;
	}

	async post(jws: unknown, nowMs: number): Promise<PostResult> {
		const result = await verifyOffer(jws, nowMs);
		if (!result.ok) return badOffer(result.reason);
		const { offer, peer } = result.value;
		if (offer.issued > nowMs + CLOCK_TOLERANCE_MS) return badOffer('issued: in the future');
		if (offer.expires <= offer.issued) return badOffer('expires: not after issued');
		const known = this.#entries.get(peer);
		if (known && offer.issued <= known.issued) {
			return { ok: false, code: 'replaced', message: 'A newer offer of this key is known.' };
		}
		if (!known && !this.#makeRoom(nowMs)) {
			return {
				ok: false,
				code: 'directory_full',
				message: 'The directory is full; try again later.'
			};
		}
		this.#entries.set(peer, {
			issued: offer.issued,
			verified: result.value,
			untilMs: Math.max(offer.expires, nowMs + OFFER_TTL_MS + CLOCK_TOLERANCE_MS)
		});
		return { ok: true, expires: offer.expires };
	}

	/** Takes back the offer that the withdrawal names and every earlier one; false if it is no withdrawal. */
	async withdraw(jws: unknown, nowMs: number): Promise<boolean> {
		const withdrawal = await verifyWithdrawal(jws);
		if (!withdrawal || withdrawal.issued > nowMs + CLOCK_TOLERANCE_MS) return false;
		const known = this.#entries.get(withdrawal.peer);
		if (known && withdrawal.issued >= known.issued) {
			this.#entries.set(withdrawal.peer, {
				issued: withdrawal.issued,
				verified: null,
				untilMs: nowMs + OFFER_TTL_MS + CLOCK_TOLERANCE_MS
			});
		}
		return true;
	}

	/** Contributors that can be reached now, those with free slots, speed and short waits more often. */
	find(query: DirectoryQuery, nowMs: number): VerifiedOffer[] {
		const candidates = this.live(nowMs).flatMap((verified) => {
			if (query.peer && verified.peer !== query.peer) return [];
			if (query.exclude.has(verified.peer)) return [];
			const { jobs } = verified.offer;
			if (query.jobs !== undefined && jobs !== query.jobs && jobs !== 'both') return [];
			const model = verified.offer.models.find(
				({ id, digest }) =>
					id === query.model && (query.digest === undefined || digest === query.digest)
			);
			return model ? [{ verified, model }] : [];
		});
		const drawn = weightedSample(candidates, weightOf, query.count, this.#parts.random);
		return drawn.map(({ verified }) => verified);
	}

	/** Every offer that has not expired and whose contributor has a signalling socket. */
	live(nowMs: number): VerifiedOffer[] {
		this.#forgetExpired(nowMs);
		return [...this.#entries.values()].flatMap(({ verified }) =>
			verified && verified.offer.expires > nowMs && this.#parts.isPresent(verified.peer)
				? [verified]
				: []
		);
	}

	#makeRoom(nowMs: number): boolean {
		if (this.#entries.size < this.#parts.maxOffers) return true;
		this.#forgetExpired(nowMs);
		for (const peer of this.#entries.keys()) {
			if (this.#entries.size < this.#parts.maxOffers) break;
			if (!this.#parts.isPresent(peer)) this.#entries.delete(peer);
		}
		return this.#entries.size < this.#parts.maxOffers;
	}

	#forgetExpired(nowMs: number): void {
		for (const [peer, { untilMs }] of this.#entries) {
			if (untilMs <= nowMs) this.#entries.delete(peer);
		}
	}
}

/** Expected use of a contributor: how much it can take, how fast, after which wait. */
function weightOf({ verified, model }: { verified: VerifiedOffer; model: OfferedModel }): number {
	const { slots, waitMs } = verified.offer;
	const room = slots > 0 ? Math.min(slots, 16) : WEIGHT_OF_NO_FREE_SLOT;
	// Nobody becomes everybody's choice by a boast: speed counts up to 200 tokens/s.
	const speed = Math.min(Math.max(model.tokensPerSecond, 0.1), 200);
	return (room * speed) / (1 + waitMs / 1000);
}

function badOffer(reason: string): PostResult {
	const field = /^([\w.]+): /.exec(reason)?.[1];
	return {
		ok: false,
		code: 'bad_offer',
		message: `The offer was refused. ${reason}`,
		...(field === undefined ? {} : { field })
	};
}
