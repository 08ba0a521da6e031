import {
	DirectoryClient,
	DirectoryError,
	type Candidate,
	type OfferSource
} from '../directory/directory-client.ts';
import type { PeerId } from '../protocol/ids.ts';
import type { AnswerEvent, AnswerFailure, Question } from './answer-events.ts';
import { Answer } from './answer.ts';
import { askPart, type PartOutcome } from './ask-part.ts';
import { connectOverPeerJs, connectToFirst, type Connect, type Connection } from './connect.ts';
import type { PartTimeouts } from './part-on-links.ts';
import type { RequesterPayments } from './payments.ts';
import { everyFromWorker } from './ticker.ts';
import { offerFits, type Wanted } from './wanted.ts';

/** An idle link is kept so long for the next question of the same chat. */
const KEEP_IDLE_MS = 5 * 60_000;
/** Contributors that are dialled at the same time. */
const DIALLED_AT_ONCE = 2;

export interface RequesterOptions {
	directory: OfferSource;
	connect: Connect;
	timeouts?: Partial<PartTimeouts>;
	/** Pays questions that ask for it. */
	payments?: RequesterPayments;
	/** Contributors that are never asked: their receipts or signatures were wrong before. */
	avoid?: Iterable<PeerId>;
}

/** A requester that finds contributors at this coordinator and reaches them over WebRTC. */
export function requesterAt(coordinator: URL, avoid: Iterable<PeerId> = []): Requester {
	const directory = new DirectoryClient(coordinator);
	const connect = connectOverPeerJs(directory, everyFromWorker);
	return new Requester({ directory, connect, avoid });
}

/** Asks contributors and gives their answers as events; one question at a time. */
export class Requester {
	readonly #directory: OfferSource;
	readonly #connect: Connect;
	readonly #timeouts: Partial<PartTimeouts>;
	#payments: RequesterPayments | null;
	/** Grows by whoever cheats here. */
	readonly #avoided: Set<PeerId>;
	#idle: Connection | null = null;
	#idleTimer: ReturnType<typeof setTimeout> | undefined;

	constructor(options: RequesterOptions) {
		this.#directory = options.directory;
		this.#connect = options.connect;
		this.#timeouts = options.timeouts ?? {};
		this.#payments = options.payments ?? null;
		this.#avoided = new Set(options.avoid);
	}

	/** Pays questions that ask for it from now on; the page loads what pays when somebody wants to. */
	set payments(payments: RequesterPayments | null) {
		this.#payments = payments;
	}

	/**
	 * Finds a contributor, asks it and follows the answer through dropped connections and lost
	 * contributors. Ends with exactly one `done` or `failed`; never throws. Aborting the signal stops
	 * the generation and ends with `done` (finish `cancelled`) and the text so far.
	 */
	async *ask(question: Question, signal: AbortSignal): AsyncGenerator<AnswerEvent, void> {
		const answer = new Answer(question);
		const excluded: PeerId[] = [...this.#avoided];
		const redialled = new Set<PeerId>();
		let refusal: AnswerFailure | null = null;
		const payments = question.paid ? this.#payments?.begin(question.paid.limitNano) : null;
		if (payments === undefined) {
			return yield answer.failed({ kind: 'unpaid', refusal: { kind: 'no_purse' } });
		}
		yield { kind: 'searching' };
		let connection = this.#takeIdle(answer.wanted);
		for (;;) {
			if (!connection) {
				const found: Connection | AnswerFailure = yield* this.#find(answer, excluded, signal);
				if (signal.aborted) {
					if ('link' in found) this.#release(found);
					return yield await answer.done('cancelled', null);
				}
				if ('kind' in found) return yield answer.failed(refusal ?? found);
				connection = found;
			}
			const { peer } = connection.offer;
			excluded.push(peer);
			const outcome: PartOutcome = yield* askPart({
				answer,
				connection,
				directory: this.#directory,
				connect: this.#connect,
				exclude: excluded,
				timeouts: this.#timeouts,
				payments,
				signal
			});
			connection = null;
			if (outcome.kind === 'cheated' || answer.hasMismatch(peer)) this.#avoided.add(peer);
			switch (outcome.kind) {
				case 'done':
					yield await answer.done(outcome.finish, outcome.connection);
					return this.#release(outcome.connection);
				case 'unpaid':
					yield answer.failed({ kind: 'unpaid', refusal: outcome.refusal });
					if (outcome.connection) this.#release(outcome.connection);
					return;
				case 'cancelled':
					return yield await answer.done('cancelled', null);
				case 'cheated':
					return yield answer.failed({ kind: 'cheated', text: outcome.text });
				case 'lost':
					if (answer.isFull) return yield await answer.done('length', null);
					if (!outcome.next) return yield answer.failed(outcome.failure);
					connection = outcome.next;
					break;
				case 'refused':
					refusal = outcome.failure;
					if (outcome.isFinal) return yield answer.failed(refusal);
					if (wantsNewTerms(refusal) && !redialled.has(peer)) {
						// The link was older than the contributor's terms: a new one has the new ones.
						redialled.add(peer);
						excluded.splice(excluded.indexOf(peer), 1);
					}
			}
		}
	}

	/** Closes the link that is kept for the next question. */
	close(): void {
		clearTimeout(this.#idleTimer);
		this.#idle?.link.bye('cancelled', 'the requester left');
		this.#idle = null;
	}

	async *#find(
		answer: Answer,
		excluded: PeerId[],
		signal: AbortSignal
	): AsyncGenerator<AnswerEvent, Connection | AnswerFailure> {
		const wanted = answer.wanted;
		const tried: PeerId[] = [];
		let reason = '';
		// Asked again after each round: while somebody could not be reached, others may have come.
		while (!signal.aborted) {
			let candidates: Candidate[];
			try {
				const exclude = [...excluded, ...tried];
				const listed = await this.#directory.find({ ...wanted, exclude }, signal);
				// The directory knows no ceiling; whoever asks for more is not dialled at all.
				candidates = listed.filter(({ offer }) => offerFits(offer, wanted));
			} catch (error) {
				if (!(error instanceof DirectoryError)) throw error;
				return { kind: 'directory_unreachable' };
			}
			if (candidates.length === 0) break;
			const some = candidates.slice(0, DIALLED_AT_ONCE);
			yield { kind: 'dialling', contributors: some.length };
			const result = await connectToFirst(this.#connect, some, wanted, signal);
			if (result.ok) return result.connection;
			reason = result.reason;
			tried.push(...some.map(({ peer }) => peer));
		}
		return tried.length === 0
			? { kind: 'no_contributor' }
			: { kind: 'unreachable', tried: tried.length, reason };
	}

	#takeIdle(wanted: Wanted): Connection | null {
		const idle = this.#idle;
		if (!idle || idle.link.end || !offerFits(idle.offer.offer, wanted)) return null;
		clearTimeout(this.#idleTimer);
		this.#idle = null;
		return idle;
	}

	#release(connection: Connection): void {
		this.close();
		if (connection.link.end) return;
		if (this.#avoided.has(connection.offer.peer)) {
			return connection.link.bye('protocol', 'the receipt is wrong');
		}
		connection.link.beat = 'idle';
		this.#idle = connection;
		this.#idleTimer = setTimeout(() => this.close(), KEEP_IDLE_MS);
	}
}

const wantsNewTerms = (failure: AnswerFailure) =>
	failure.kind === 'refused' && failure.code === 'price_changed';
