import type { PeerId } from '../protocol/ids.ts';

/** ICE may trickle candidates for tens of seconds on a bad network. */
const INTRODUCTION_TTL_MS = 60_000;
const MAX_INTRODUCTIONS = 50_000;

/**
 * Which pairs an OFFER went between. PeerJS keeps every ANSWER and CANDIDATE for a connection that it
 * does not know, without bound; so those pass only inside a connection whose OFFER passed.
 */
export class Introductions {
	readonly #expiries = new Map<string, number>();

	add(from: PeerId, to: PeerId, connectionId: string, nowMs: number): void {
		const key = `${from} ${to} ${connectionId}`;
		// Set anew, so that the map stays in order of expiry.
		this.#expiries.delete(key);
		this.#expiries.set(key, nowMs + INTRODUCTION_TTL_MS);
		for (const [oldest, expires] of this.#expiries) {
			if (expires > nowMs && this.#expiries.size <= MAX_INTRODUCTIONS) break;
			this.#expiries.delete(oldest);
		}
	}

	/** Whether an OFFER with this connection id passed from `from` to `to` a moment ago. */
	has(from: PeerId, to: PeerId, connectionId: string, nowMs: number): boolean {
		return (this.#expiries.get(`${from} ${to} ${connectionId}`) ?? 0) > nowMs;
	}
}
