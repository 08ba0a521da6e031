import type { Candidate, DirectoryClient } from '../directory/directory-client.ts';
import { newRequesterPeerId } from '../protocol/ids.ts';
import { createIdentity } from '../protocol/keys.ts';
import { randomBytes, toHex, type Bytes } from '../protocol/bytes.ts';
import { verifyOffer, type OfferedModel, type VerifiedOffer } from '../protocol/offer.ts';
import { authenticate } from './handshake.ts';
import { Link } from './link.ts';
import { openEndpoint } from './peerjs-endpoint.ts';
import { offerFits, type Wanted } from './wanted.ts';
import type { Every } from './ticker.ts';

const TERMS_TIMEOUT_MS = 3_000;

/** An authenticated link to a contributor, with the terms it gave. */
export interface Connection {
	link: Link;
	/** The offer of the terms: what a job is asked under, not what the directory listed. */
	offer: VerifiedOffer;
	model: OfferedModel;
	chunkTokens: number;
	/** T of the handshake. */
	transcript: Bytes;
	/** Unix seconds, the last in which a ticket for these terms holds. */
	ticketExpires: number;
	/** What was paid on this link and not delivered. */
	creditNano: bigint;
	/** Our own key on this link. */
	requester: Bytes;
	/** What the coordinator's clock is ahead of ours. */
	clockOffsetMs: number;
}

export type ConnectResult = { ok: true; connection: Connection } | { ok: false; reason: string };

/** Reaches contributors; the seam at which tests put other networks. */
export type Connect = (
	candidate: Candidate,
	wanted: Wanted,
	signal: AbortSignal
) => Promise<ConnectResult>;

/**
 * Dials a contributor under a fresh id and a fresh key, so that no two connections of one person
 * look alike, and leaves the signalling server as soon as the channel stands.
 */
export function connectOverPeerJs(directory: DirectoryClient, every: Every): Connect {
	return async (candidate, wanted, signal) => {
		const [iceServers, identity] = await Promise.all([
			directory.iceServers(signal),
			createIdentity()
		]);
		const endpoint = await openEndpoint({
			id: newRequesterPeerId(),
			token: toHex(randomBytes(16)),
			iceServers,
			coordinator: directory.coordinator,
			signal
		});
		const dialled = await endpoint.dial(candidate.peer, candidate.capability, signal);
		if (!dialled.ok) {
			endpoint.close();
			return { ok: false, reason: dialled.kind };
		}
		const link = new Link(dialled.channel, every);
		void link.ended.then(() => endpoint.close());
		const result = await agreeOnTerms(link, candidate, wanted, identity, directory.nowMs());
		endpoint.leaveSignalling();
		return result;
	};
}

/** Handshake and terms on a fresh link; on any fault the link is closed. */
export async function agreeOnTerms(
	link: Link,
	candidate: Candidate,
	wanted: Wanted,
	identity: Awaited<ReturnType<typeof createIdentity>>,
	nowMs: number
): Promise<ConnectResult> {
	const startedMs = Date.now();
	const refuse = (reason: string): ConnectResult => {
		link.bye('protocol', reason);
		return { ok: false, reason };
	};
	const proven = await authenticate(link, {
		role: 'requester',
		identity,
		expectedPeer: candidate.peer
	});
	if (!proven.ok) return { ok: false, reason: proven.text };
	const received = await link.next({ timeoutMs: TERMS_TIMEOUT_MS });
	if (received.kind !== 'frame' || received.frame.t !== 'terms') return refuse('no terms came');
	const offer = await verifyOffer(received.frame.offer, nowMs);
	if (!offer.ok) return refuse(`terms.offer: ${offer.reason}`);
	if (offer.value.peer !== candidate.peer) return refuse('terms.offer: of another contributor');
	const model = offer.value.offer.models.find(
		({ id, digest }) => id === wanted.model && (!wanted.digest || digest === wanted.digest)
	);
	if (!model) return refuse('terms.offer: the model is not offered any more');
	if (!offerFits(offer.value.offer, wanted))
		return refuse('terms.offer: on other terms than wanted');
	const { chunkTokens, expires } = received.frame;
	const connection: Connection = {
		...{ link, model, chunkTokens, offer: offer.value },
		transcript: proven.transcript,
		ticketExpires: expires,
		creditNano: 0n,
		requester: identity.publicKey,
		clockOffsetMs: nowMs - startedMs
	};
	return { ok: true, connection };
}

/**
 * Connects to several candidates at once and gives the first that succeeds; the others are closed.
 * `reason` of a failure is the last one's.
 */
export async function connectToFirst(
	connect: Connect,
	candidates: readonly Candidate[],
	wanted: Wanted,
	signal: AbortSignal
): Promise<ConnectResult> {
	const others = new AbortController();
	const both = AbortSignal.any([signal, others.signal]);
	let reason = 'no contributor';
	let winner: Connection | null = null;
	const attempts = candidates.map(async (candidate) => {
		const result = await connect(candidate, wanted, both).catch(
			(error: unknown): ConnectResult => ({
				ok: false,
				reason: error instanceof Error ? error.message : 'failed'
			})
		);
		if (!result.ok) {
			reason = result.reason;
			throw new Error(reason);
		}
		if (winner || both.aborted) {
			result.connection.link.bye('cancelled', 'another contributor was quicker');
			throw new Error('too late');
		}
		winner = result.connection;
		return result.connection;
	});
	try {
		const connection = await Promise.any(attempts);
		others.abort();
		return { ok: true, connection };
	} catch {
		return { ok: false, reason };
	}
}
