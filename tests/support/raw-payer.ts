import { expect } from 'vitest';
import type { Account } from '../../src/lib/chain/account.ts';
import { signPay } from '../../src/lib/chain/pay-proof.ts';
import { makeTicket, signTicket, ticketToWire } from '../../src/lib/chain/ticket.ts';
import { authenticate } from '../../src/lib/p2p/handshake.ts';
import { Link, type LinkEnd } from '../../src/lib/p2p/link.ts';
import {
	fromBase64Url,
	randomBytes,
	toBase64Url,
	type Bytes
} from '../../src/lib/protocol/bytes.ts';
import type { Frame, FrameOf, JobFrame } from '../../src/lib/protocol/frames.ts';
import { newJobId, type JobId } from '../../src/lib/protocol/ids.ts';
import { createIdentity, type Identity } from '../../src/lib/protocol/keys.ts';
import { RunningState } from '../../src/lib/protocol/running-state.ts';
import { everyInNode } from './memory-channel.ts';
import { type MemoryContributor, MODEL } from './memory-contributor.ts';
import { FACE, NETWORK, PAYEE, PRICES } from './paid-parties.ts';
import { costOf, PROMPT_TOKENS } from './paid-scene.ts';

type Due = FrameOf<'due'>;
type Ticket = FrameOf<'ticket'>;

export interface Heard {
	text: string;
	dues: Due[];
	/** The frame that ended the job, or how the link ended. */
	end: FrameOf<'done'> | FrameOf<'refuse'> | { t: 'bye'; end: LinkEnd | null } | { t: 'silence' };
}

/** What a ticket is made of, each part of which a cheat may get wrong. */
export interface TicketParts {
	network: number;
	purse: Account;
	payee: Account;
	faceValueNano: bigint;
	expires: number;
	priceNano: bigint;
	commit: Bytes;
	receipt: Bytes;
	salt: Bytes;
	signer: CryptoKey;
}

/** A requester played by hand, frame by frame, that holds a purse's key. */
export class RawPayer {
	readonly link: Link;
	readonly session: Identity;
	readonly purse: Account;
	readonly #transcript: Bytes;
	readonly #terms: FrameOf<'terms'>;
	job: JobId = newJobId();
	/** From `accept`. */
	resumeToken = '';
	readonly #salt = randomBytes(32);
	#jobText = '';
	state: RunningState | null = null;
	/** What the contributor asks. */
	prices = PRICES;

	private constructor(
		link: Link,
		payer: { session: Identity; purse: Account },
		transcript: Bytes,
		terms: FrameOf<'terms'>
	) {
		this.link = link;
		this.session = payer.session;
		this.purse = payer.purse;
		this.#transcript = transcript;
		this.#terms = terms;
	}

	static async connect(
		contributor: MemoryContributor,
		payer: { session: Identity; purse: Account }
	): Promise<RawPayer> {
		const link = new Link(contributor.open(), everyInNode);
		const identity = await createIdentity();
		const expectedPeer = contributor.candidate.peer;
		const proven = await authenticate(link, { role: 'requester', identity, expectedPeer });
		if (!proven.ok) throw new Error(proven.text);
		const received = await link.next({ timeoutMs: 5_000 });
		if (received.kind !== 'frame' || received.frame.t !== 'terms') throw new Error('no terms');
		return new RawPayer(link, payer, proven.transcript, received.frame);
	}

	async sendJob(changes: Partial<JobFrame> = {}, signer = this.session.privateKey): Promise<void> {
		const id = changes.id ?? this.job;
		const sig = await signPay(signer, this.#transcript, id);
		const key = toBase64Url(this.session.publicKey);
		this.#jobText = this.link.send({
			...{ t: 'job', id, model: MODEL.id, digest: MODEL.digest },
			messages: [{ role: 'user', content: 'count' }],
			sampling: { max_tokens: 1_000 },
			salt: toBase64Url(this.#salt),
			pay: { kind: 'purse', purse: this.purse, key, sig: toBase64Url(sig) },
			...changes
		});
	}

	/** The honest ticket for a `due`, but for what is changed. */
	async ticketFor(due: Due, changes: Partial<TicketParts> = {}): Promise<Ticket> {
		const { job, seq, part } = due;
		const parts = { ...this.#honest(due), ...changes };
		const { priceNano, commit, receipt, salt, signer, ...terms } = parts;
		const ticket = makeTicket(terms, { priceNano, commit, receipt }, salt);
		return { t: 'ticket', job, seq, part, ...ticketToWire(await signTicket(signer, ticket)) };
	}

	/** The next job on this link. */
	async sendAnotherJob(): Promise<void> {
		this.job = newJobId();
		this.state = null;
		await this.sendJob();
	}

	/** Goes on with another link's job from its beginning. */
	resume(other: RawPayer): void {
		this.link.send({ t: 'resume', job: other.job, token: other.resumeToken, from: 0 });
	}

	/** Follows the job to its end, answering every `due` as `answer` says; `null` is silence. */
	async follow(answer: (due: Due) => Promise<Frame | null>, quietMs = 5_000): Promise<Heard> {
		const heard: Heard = { text: '', dues: [], end: { t: 'silence' } };
		let run = { tokens: 0, text: '' };
		for (;;) {
			const received = await this.link.next({ timeoutMs: quietMs });
			if (received.kind === 'ended') return { ...heard, end: { t: 'bye', end: this.link.end } };
			if (received.kind !== 'frame') return heard;
			const { frame } = received;
			if (frame.t === 'text') {
				heard.text += frame.text;
				run = { tokens: run.tokens + frame.n, text: run.text + frame.text };
				this.link.send({ t: 'ack', job: frame.job, from: frame.from + frame.n });
			} else if (frame.t === 'chunk') {
				this.state = await this.#nextState(run);
				run = { tokens: 0, text: '' };
			} else if (frame.t === 'due') {
				heard.dues.push(frame);
				const said = await answer(frame);
				if (said) this.link.send(said);
			} else if (frame.t === 'done' || frame.t === 'refuse') return { ...heard, end: frame };
			else if (frame.t === 'accept') this.resumeToken = frame.resume;
			else expect(frame.t).toBe('accept');
		}
	}

	/** Pays everything honestly. */
	followAndPay(): Promise<Heard> {
		return this.follow((due) => this.ticketFor(due));
	}

	#nextState({ tokens, text }: { tokens: number; text: string }): Promise<RunningState> {
		const { state } = this;
		if (state) {
			const nano = costOf(state.tokens + tokens, this.prices) - state.nano;
			return state.next(tokens, text, nano);
		}
		const { offer } = this.#terms;
		return RunningState.start(
			this.#salt,
			this.#jobText,
			offer,
			PROMPT_TOKENS,
			costOf(0, this.prices)
		);
	}

	#honest(due: Due): TicketParts {
		return {
			...{ network: NETWORK, purse: this.purse, payee: PAYEE, faceValueNano: FACE },
			expires: this.#terms.expires,
			priceNano: BigInt(due.nano),
			commit: fromBase64Url(due.commit) ?? new Uint8Array(32),
			receipt: this.state?.value ?? new Uint8Array(32),
			salt: randomBytes(32),
			signer: this.session.privateKey
		};
	}
}
