import { ticketExpiry } from '../../src/lib/chain/ticket.ts';
import type { Candidate, OfferSource } from '../../src/lib/directory/directory-client.ts';
import { agreeOnTerms, type Connect } from '../../src/lib/p2p/connect.ts';
import { authenticate } from '../../src/lib/p2p/handshake.ts';
import { Link } from '../../src/lib/p2p/link.ts';
import { fromBase64Url, randomBytes, toBase64Url } from '../../src/lib/protocol/bytes.ts';
import type { Frame, FrameOf } from '../../src/lib/protocol/frames.ts';
import type { JobId } from '../../src/lib/protocol/ids.ts';
import { contributorPeerId } from '../../src/lib/protocol/ids.ts';
import { createIdentity, type Identity } from '../../src/lib/protocol/keys.ts';
import { signOffer, type Offer, type PaidTerms } from '../../src/lib/protocol/offer.ts';
import { RunningState, signRun } from '../../src/lib/protocol/running-state.ts';
import { channelPair, everyInNode } from './memory-channel.ts';
import { MODEL } from './memory-contributor.ts';
import { FACE, NETWORK, PAYEE, PRICES } from './paid-parties.ts';
import { costOf, PROMPT_TOKENS } from './paid-scene.ts';

const TERMS: PaidTerms = { network: NETWORK, payout: PAYEE, faceValues: [String(FACE)] };

/** What a hand-played contributor does with each job, from its `accept` on. */
export type Play = (stage: Stage) => Promise<void>;

export interface EarnerLies {
	terms?: Partial<PaidTerms>;
	ticketExpires?: number;
	/** Offers free jobs alone. */
	isFree?: boolean;
}

/** A contributor played by hand, frame by frame, and the network on which it is the only one. */
export class RawEarner implements OfferSource {
	readonly #identity: Identity;
	readonly #candidate: Candidate;
	readonly #play: Play;
	readonly #lies: EarnerLies;
	/** Its jobs, in the order they came. */
	readonly stages: Stage[] = [];

	private constructor(identity: Identity, candidate: Candidate, play: Play, lies: EarnerLies) {
		this.#identity = identity;
		this.#candidate = candidate;
		this.#play = play;
		this.#lies = lies;
	}

	static async create(play: Play, lies: EarnerLies = {}): Promise<RawEarner> {
		const identity = await createIdentity();
		const now = Date.now();
		const offer: Offer = {
			...{ v: 1, key: toBase64Url(identity.publicKey), models: [{ ...MODEL, ...PRICES }] },
			...{ slots: 1, waitMs: 0, features: [], limits: { maxTokens: 4096 } },
			...(lies.isFree ? { jobs: 'free' } : { jobs: 'paid', paid: { ...TERMS, ...lies.terms } }),
			...{ issued: now, expires: now + 60_000 }
		};
		const jws = await signOffer(identity.privateKey, offer);
		const peer = contributorPeerId(identity.publicKey);
		const candidate = { jws, offer, key: identity.publicKey, peer, capability: 'c' };
		return new RawEarner(identity, candidate, play, lies);
	}

	find: OfferSource['find'] = async (query) =>
		query.exclude?.includes(this.#candidate.peer) ? [] : [this.#candidate];

	connect: Connect = async (candidate, wanted) => {
		const [near, far] = channelPair();
		void this.#serve(new Link(far, everyInNode));
		const identity = await createIdentity();
		return agreeOnTerms(new Link(near, everyInNode), candidate, wanted, identity, Date.now());
	};

	async #serve(link: Link): Promise<void> {
		const proven = await authenticate(link, { role: 'contributor', identity: this.#identity });
		if (!proven.ok) return;
		const expires = this.#lies.ticketExpires ?? ticketExpiry(Date.now());
		link.send({ t: 'terms', offer: this.#candidate.jws, chunkTokens: 32, expires });
		const received = await link.next({ timeoutMs: 5_000 });
		if (received.kind !== 'frame') return;
		const { frame, text } = received;
		const before = this.stages.at(-1);
		if (frame.t !== 'job' && frame.t !== 'resume') throw new Error(`expected a job: ${frame.t}`);
		const stage =
			frame.t === 'job'
				? new Stage(link, this.#identity, frame, text, this.#candidate.jws)
				: before?.on(link);
		if (!stage) throw new Error('resume: no job');
		this.stages.push(stage);
		const job = stage.job.id;
		link.send({ t: 'accept', job, place: 0, waitMs: 0, resume: 'A'.repeat(43) });
		await this.#play(stage);
	}
}

/** One job on one link. */
export class Stage {
	readonly link: Link;
	readonly job: FrameOf<'job'>;
	readonly tickets: FrameOf<'ticket'>[] = [];
	readonly #identity: Identity;
	readonly #jobText: string;
	readonly #offer: string;
	state: RunningState | null = null;
	tokens = 0;
	promptTokens = PROMPT_TOKENS;
	/** For asking again. */
	dues: FrameOf<'due'>[] = [];

	constructor(link: Link, identity: Identity, job: FrameOf<'job'>, jobText: string, offer: string) {
		this.link = link;
		this.#identity = identity;
		this.job = job;
		this.#jobText = jobText;
		this.#offer = offer;
	}

	/** The same job on another link. */
	on(link: Link): Stage {
		const stage = new Stage(link, this.#identity, this.job, this.#jobText, this.#offer);
		stage.state = this.state;
		stage.tokens = this.tokens;
		stage.dues = this.dues;
		return stage;
	}

	async closePrompt(): Promise<void> {
		const salt = fromBase64Url(this.job.salt);
		if (!salt) throw new Error('salt');
		this.state = await RunningState.start(
			...([salt, this.#jobText, this.#offer, this.promptTokens, costOf(0)] as const)
		);
		await this.#chunk(this.promptTokens);
	}

	/** Text of the open run. */
	async text(text: string, tokens: number): Promise<void> {
		this.link.send({ t: 'text', job: this.job.id, from: this.tokens, n: tokens, text });
		this.tokens += tokens;
		// It is on its way before anything else happens to the link.
		await new Promise((resolve) => setTimeout(resolve, 20));
	}

	/** A whole run, honestly counted and signed. */
	async run(text: string, tokens = 32): Promise<void> {
		if (!this.state) throw new Error('run before the prompt');
		this.link.send({ t: 'text', job: this.job.id, from: this.tokens, n: tokens, text });
		this.tokens += tokens;
		const nano = costOf(this.tokens) - this.state.nano;
		this.state = await this.state.next(tokens, text, nano);
		await this.#chunk(tokens);
	}

	due(seq: number, changes: Partial<FrameOf<'due'>> = {}): FrameOf<'due'> {
		const nano = seq === 0 ? costOf(0) : costOf(seq * 32) - costOf(seq * 32 - 32);
		const due: FrameOf<'due'> = {
			...{ t: 'due', job: this.job.id, seq, part: 0, nano: String(nano) },
			commit: toBase64Url(randomBytes(32)),
			...changes
		};
		this.link.send(due);
		return due;
	}

	done(changes: Partial<FrameOf<'done'>> = {}): void {
		this.link.send({
			...{ t: 'done', job: this.job.id, finish: 'stop', creditNano: '0' },
			usage: { promptTokens: PROMPT_TOKENS, completionTokens: this.tokens },
			timings: { queueMs: 0, prefillMs: 0, generateMs: 0 },
			...changes
		});
	}

	/** The next ticket, passing over acknowledgements; `null` where the link ends, or nothing comes. */
	async ticket(withinMs = 3_000): Promise<FrameOf<'ticket'> | null> {
		for (;;) {
			const received = await this.link.next({ timeoutMs: withinMs });
			if (received.kind !== 'frame') return null;
			const { frame }: { frame: Frame } = received;
			if (frame.t === 'cancel') return null;
			if (frame.t !== 'ticket') continue;
			this.tickets.push(frame);
			return frame;
		}
	}

	async #chunk(tokens: number): Promise<void> {
		if (!this.state) throw new Error('chunk before the prompt');
		const sig = toBase64Url(await signRun(this.#identity.privateKey, this.state));
		this.link.send({ t: 'chunk', job: this.job.id as JobId, seq: this.state.seq, tokens, sig });
	}
}
