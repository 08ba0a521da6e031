import type { Bytes } from '../protocol/bytes.ts';
import type { DirectoryClient } from '../directory/directory-client.ts';
import { DEFAULT_CHUNK_TOKENS } from '../protocol/frames.ts';
import type { Generator } from '../protocol/generation.ts';
import { contributorPeerId, REQUESTER_PEER_ID } from '../protocol/ids.ts';
import type { Identity } from '../protocol/keys.ts';
import {
	OFFER_REFRESH_MS,
	signOffer,
	signWithdrawal,
	type Offer,
	type OfferedModel
} from '../protocol/offer.ts';
import { admissionToken } from '../protocol/signalling.ts';
import { backoffMs } from './backoff.ts';
import type { Channel } from './channel.ts';
import type { ContributorSnapshot, ContributorStatus, FinishedJob } from './contributor-events.ts';
import { serveRequester, type SessionOptions } from './contributor-session.ts';
import { changedTerm, makeOffer, type ContributorTerms } from './contributor-terms.ts';
import { authenticate } from './handshake.ts';
import { JobQueue } from './job-queue.ts';
import { Link } from './link.ts';
import type { ContributorPayments } from './payments.ts';
import { openEndpoint, type Endpoint } from './peerjs-endpoint.ts';
import { everyFromWorker } from './ticker.ts';

const MAX_LINKS = 64;
const MAX_UNPROVEN_LINKS = 8;
const MAX_FAILED_POSTS = 3;

export interface ContributorOptions {
	identity: Identity;
	directory: DirectoryClient;
	generator: Generator;
	/** What is loaded, as offers name it. */
	model: OfferedModel;
	engineVersion: string;
	onChange: (snapshot: ContributorSnapshot) => void;
	onJob: (job: FinishedJob) => void;
	/** What is served, and for which pay; free jobs alone where it is absent. */
	terms?: ContributorTerms;
}

/**
 * A contributor's presence on the network: signalling under its key's id, an offer kept fresh in the
 * directory, and every requester's link served from one queue.
 */
export class Contributor {
	readonly #options: ContributorOptions;
	readonly #queue: JobQueue;
	readonly #links = new Map<Link, { isProven: boolean }>();
	#status: ContributorStatus = { kind: 'stopped' };
	#endpoint: Endpoint | null = null;
	#stopRefreshing: () => void = () => {};
	#retryTimer: ReturnType<typeof setTimeout> | undefined;
	#attempts = 0;
	#session = new AbortController();
	#withdrawal = '';
	#offer: { jws: string; offer: Offer } | null = null;
	#lastIssued = 0;
	#lastPosted = Promise.resolve();
	#failedPosts = 0;
	#terms: ContributorTerms;

	constructor(options: ContributorOptions) {
		this.#options = options;
		this.#terms = options.terms ?? { jobs: 'free' };
		this.#queue = new JobQueue(
			(job) => this.#jobFinished(job),
			() => this.#queueChanged()
		);
	}

	get snapshot(): ContributorSnapshot {
		return {
			status: this.#status,
			current: this.#queue.running?.progress ?? null,
			queued: this.#queue.waiting,
			connections: [...this.#links.values()].filter(({ isProven }) => isProven).length
		};
	}

	/** Goes online; keeps trying, with growing pauses, until `stop`. */
	start(): void {
		if (this.#status.kind !== 'stopped') return;
		this.#session = new AbortController();
		addEventListener('pagehide', this.#leave, { signal: this.#session.signal });
		this.#stopRefreshing = everyFromWorker(OFFER_REFRESH_MS, () => void this.#publish());
		void this.#connect();
	}

	/** Takes no new jobs; running and waiting ones are finished. */
	pause(): void {
		if (this.#status.kind === 'stopped') return;
		this.#withdraw();
		this.#become({ kind: 'paused' });
	}

	/** Takes jobs again after `pause`. */
	resume(): void {
		if (this.#status.kind !== 'paused' && this.#status.kind !== 'draining') return;
		if (!this.#endpoint) return void this.#connect();
		this.#become({ kind: 'online' });
		void this.#publish();
	}

	/** Takes no new jobs and stops when the last one is done. */
	finishThenStop(): void {
		if (this.#status.kind === 'stopped') return;
		this.#withdraw();
		this.#become({ kind: 'draining' });
		this.#stopIfDrained();
	}

	/** Stops at once; the running job's requester is told and goes elsewhere. */
	stop(): void {
		if (this.#status.kind === 'stopped') return;
		this.#withdraw();
		this.#session.abort();
		this.#stopRefreshing();
		clearTimeout(this.#retryTimer);
		this.#queue.clear();
		for (const link of this.#links.keys()) link.bye('draining', 'this contributor stopped');
		this.#endpoint?.close();
		this.#endpoint = null;
		this.#become({ kind: 'stopped' });
	}

	/** Offers on other terms from now on; jobs that were taken go on as they were agreed. */
	setTerms(terms: ContributorTerms): void {
		this.#terms = terms;
		if (this.#status.kind === 'online') void this.#publish();
	}

	/** Tries at once instead of at `nextTryAt`. */
	retryNow(): void {
		if (this.#status.kind === 'reconnecting') void this.#connect();
	}

	async #connect(): Promise<void> {
		const { directory, identity } = this.#options;
		const { signal } = this.#session;
		clearTimeout(this.#retryTimer);
		this.#become({ kind: 'connecting' });
		try {
			const id = contributorPeerId(identity.publicKey);
			const [iceServers, challenge] = await Promise.all([
				directory.iceServers(signal),
				directory.challenge(signal)
			]);
			const endpoint = await openEndpoint({
				id,
				token: await admissionToken(identity.privateKey, id, challenge),
				iceServers,
				coordinator: directory.coordinator,
				onIncoming: (channel) => void this.#serve(channel),
				onDisconnected: (reason) => {
					if (this.#endpoint === endpoint) this.#lost(reason);
				},
				signal
			});
			if (signal.aborted) return endpoint.close();
			this.#endpoint = endpoint;
			this.#attempts = 0;
			this.#become({ kind: 'online' });
			await this.#publish();
		} catch (error) {
			if (!signal.aborted) this.#lost(error instanceof Error ? error.message : 'failed');
		}
	}

	/** Signalling is gone: links and jobs go on, and it is tried again. */
	#lost(reason: string): void {
		this.#endpoint?.leaveSignalling();
		this.#endpoint = null;
		if (this.#status.kind === 'paused' || this.#status.kind === 'draining') return;
		const waitMs = backoffMs(this.#attempts++);
		this.#become({ kind: 'reconnecting', nextTryAt: Date.now() + waitMs, reason });
		this.#retryTimer = setTimeout(() => void this.#connect(), waitMs);
	}

	/** Posts a fresh offer, after the one that is under way: the directory takes only newer ones. */
	#publish(): Promise<void> {
		this.#lastPosted = this.#lastPosted.then(() => this.#post());
		return this.#lastPosted;
	}

	async #post(): Promise<void> {
		if (this.#status.kind !== 'online') return;
		const { directory, identity } = this.#options;
		const { signal } = this.#session;
		const offer = this.#newOffer();
		const jws = await signOffer(identity.privateKey, offer);
		this.#withdrawal = await signWithdrawal(identity.privateKey, identity.publicKey, offer.issued);
		this.#offer = { jws, offer };
		try {
			await directory.post(jws, signal);
			this.#failedPosts = 0;
		} catch (error) {
			// One refusal may be a rate limit; the next refresh comes in time before the offer expires.
			if (signal.aborted || ++this.#failedPosts < MAX_FAILED_POSTS) return;
			this.#failedPosts = 0;
			this.#lost(error instanceof Error ? error.message : 'failed');
		}
	}

	#newOffer(): Offer {
		const { directory, identity, model } = this.#options;
		const issued = Math.max(this.#lastIssued + 1, directory.nowMs());
		this.#lastIssued = issued;
		return makeOffer(identity.publicKey, model, this.#terms, {
			slots: this.#queue.running ? 0 : 1,
			waitMs: this.#queue.waitMs,
			issued
		});
	}

	async #serve(channel: Channel): Promise<void> {
		const unproven = [...this.#links.values()].filter(({ isProven }) => !isProven).length;
		if (
			!REQUESTER_PEER_ID.test(channel.remoteId) ||
			this.#links.size >= MAX_LINKS ||
			unproven >= MAX_UNPROVEN_LINKS
		) {
			return channel.close();
		}
		const link = new Link(channel, everyFromWorker);
		const entry = { isProven: false };
		this.#links.set(link, entry);
		const { identity } = this.#options;
		const proven = await authenticate(link, { role: 'contributor', identity });
		if (proven.ok && this.#offer) {
			entry.isProven = true;
			this.#changed();
			await serveRequester(link, this.#sessionOptions(this.#offer, proven));
		}
		link.bye('draining', 'this contributor is not ready');
		this.#links.delete(link);
		this.#changed();
		this.#stopIfDrained();
	}

	#sessionOptions(
		current: { jws: string; offer: Offer },
		proven: { key: Bytes; transcript: Bytes }
	): SessionOptions {
		const { identity, directory, generator, model, engineVersion } = this.#options;
		const { offer } = current;
		const expires = this.#payments?.ticketExpires() ?? Math.floor(offer.expires / 1000);
		return {
			terms: { ...current, chunkTokens: DEFAULT_CHUNK_TOKENS, expires },
			transcript: proven.transcript,
			requester: proven.key,
			queue: this.#queue,
			payments: () => this.#payments,
			changedTerm: (pay) => changedTerm({ offer, expires }, pay, this.#terms),
			isDraining: () => this.#status.kind === 'paused' || this.#status.kind === 'draining',
			serve: {
				privateKey: identity.privateKey,
				generator,
				onProgress: () => this.#changed()
			},
			receipts: { engineVersion, nowMs: () => directory.nowMs() },
			tokensPerSecond: () => model.tokensPerSecond
		};
	}

	get #payments(): ContributorPayments | null {
		return this.#terms.jobs === 'free' ? null : this.#terms.payments;
	}

	#jobFinished(job: FinishedJob): void {
		this.#options.onJob(job);
		this.#queueChanged();
		this.#stopIfDrained();
	}

	#queueChanged(): void {
		this.#changed();
		const slots = this.#queue.running ? 0 : 1;
		if (this.#offer && this.#offer.offer.slots !== slots) void this.#publish();
	}

	#stopIfDrained(): void {
		const isIdle = !this.#queue.running && this.#queue.waiting === 0;
		if (this.#status.kind === 'draining' && isIdle) this.stop();
	}

	#withdraw(): void {
		if (this.#withdrawal) this.#options.directory.withdraw(this.#withdrawal);
		this.#withdrawal = '';
	}

	/** The page goes: take the offer back and tell the peers, both without waiting. */
	#leave = (): void => this.stop();

	#become(status: ContributorStatus): void {
		this.#status = status;
		this.#changed();
	}

	#changed(): void {
		this.#options.onChange(this.snapshot);
	}
}
