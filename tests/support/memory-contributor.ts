import type { Candidate } from '../../src/lib/directory/directory-client.ts';
import { serveRequester, type SessionTerms } from '../../src/lib/p2p/contributor-session.ts';
import type { FinishedJob } from '../../src/lib/p2p/contributor-events.ts';
import {
	changedTerm,
	offeredTerms,
	type ContributorTerms
} from '../../src/lib/p2p/contributor-terms.ts';
import { authenticate } from '../../src/lib/p2p/handshake.ts';
import { JobQueue } from '../../src/lib/p2p/job-queue.ts';
import { Link } from '../../src/lib/p2p/link.ts';
import { toBase64Url } from '../../src/lib/protocol/bytes.ts';
import type { Generator } from '../../src/lib/protocol/generation.ts';
import { contributorPeerId } from '../../src/lib/protocol/ids.ts';
import { createIdentity, type Identity } from '../../src/lib/protocol/keys.ts';
import { signOffer, type Offer } from '../../src/lib/protocol/offer.ts';
import { channelPair, everyInNode, type MemoryChannel } from './memory-channel.ts';

export const MODEL = {
	id: 'counting',
	digest: 'D'.repeat(42) + 'A',
	engine: 'wllama' as const,
	contextTokens: 4096,
	tokensPerSecond: 30,
	promptPrice: '0',
	completionPrice: '0'
};

/** The contributor's real session code on channels in memory, with a given engine. */
export class MemoryContributor {
	readonly identity: Identity;
	readonly candidate: Candidate;
	readonly generator: Generator;
	readonly finished: FinishedJob[] = [];
	readonly queue = new JobQueue(
		(job) => this.finished.push(job),
		() => {}
	);
	isDraining = false;
	/** This side's ends of all channels that were opened to it. */
	readonly channels: MemoryChannel[] = [];
	readonly links: Link[] = [];
	/** What it wants now; links keep the terms that they began with. */
	terms: ContributorTerms;
	chunkTokens = 32;
	ticketTimeoutMs = 10_000;
	readonly #sent: Pick<SessionTerms, 'jws' | 'offer'>;
	#change = (text: string) => text;
	#changeReceipt: ((receipt: string) => Promise<string>) | null = null;

	private constructor(
		identity: Identity,
		candidate: Candidate,
		generator: Generator,
		terms: ContributorTerms
	) {
		this.identity = identity;
		this.terms = terms;
		this.candidate = candidate;
		this.generator = generator;
		const { jws, offer } = candidate;
		this.#sent = { jws, offer };
	}

	static async create(
		generator: Generator,
		model = MODEL,
		terms: ContributorTerms = { jobs: 'free' }
	): Promise<MemoryContributor> {
		return MemoryContributor.#of(await createIdentity(), generator, model, terms);
	}

	/** The same contributor with a new offer on its present terms; old links keep theirs. */
	renewed(model = MODEL): Promise<MemoryContributor> {
		return MemoryContributor.#of(this.identity, this.generator, model, this.terms);
	}

	static async #of(
		identity: Identity,
		generator: Generator,
		model: typeof MODEL,
		terms: ContributorTerms
	): Promise<MemoryContributor> {
		const now = Date.now();
		const offer: Offer = {
			v: 1,
			key: toBase64Url(identity.publicKey),
			...offeredTerms(model, terms),
			slots: 1,
			waitMs: 0,
			features: [],
			limits: { maxTokens: 4096 },
			issued: now,
			expires: now + 60_000
		};
		const jws = await signOffer(identity.privateKey, offer);
		const peer = contributorPeerId(identity.publicKey);
		const candidate = { jws, offer, key: identity.publicKey, peer, capability: 'c' };
		return new MemoryContributor(identity, candidate, generator, terms);
	}

	/** From now on every message of this side goes through `change`: a contributor that lies. */
	changeSent(change: (text: string) => string): void {
		this.#change = change;
	}

	/** As `changeSent`, for the receipt of every job. */
	changeReceipts(change: (receipt: string) => Promise<string>): void {
		this.#changeReceipt = change;
	}

	/** Opens a channel and serves its far end. @returns the requester's end */
	open(): MemoryChannel {
		const [near, far] = channelPair({ ids: [`r${'0'.repeat(32)}`, this.candidate.peer] });
		const send = far.send.bind(far);
		far.send = (text) => {
			const receipt = /"receipt":"([^"]+)"/.exec(text)?.[1];
			if (!receipt || !this.#changeReceipt) return send(this.#change(text));
			// Nothing follows a `done` but heartbeats, so that it may come a moment later.
			void this.#changeReceipt(receipt).then((changed) => send(text.replace(receipt, changed)));
		};
		this.channels.push(far);
		const link = new Link(far, everyInNode);
		this.links.push(link);
		void this.#serve(link);
		return near;
	}

	async #serve(link: Link): Promise<void> {
		const proven = await authenticate(link, { role: 'contributor', identity: this.identity });
		if (!proven.ok) return;
		const { offer } = this.#sent;
		const payments = () => (this.terms.jobs === 'free' ? null : this.terms.payments);
		const expires = payments()?.ticketExpires() ?? Math.floor(offer.expires / 1000);
		await serveRequester(link, {
			terms: { ...this.#sent, chunkTokens: this.chunkTokens, expires },
			transcript: proven.transcript,
			requester: proven.key,
			payments,
			changedTerm: (pay) => changedTerm({ offer, expires }, pay, this.terms),
			ticketTimeoutMs: this.ticketTimeoutMs,
			queue: this.queue,
			isDraining: () => this.isDraining,
			serve: {
				privateKey: this.identity.privateKey,
				generator: this.generator,
				onProgress: () => {}
			},
			receipts: { engineVersion: '1.0', nowMs: Date.now },
			tokensPerSecond: () => 30
		});
	}
}
