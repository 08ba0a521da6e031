import type { PeerId } from '../protocol/ids.ts';
import type { Introductions } from './introductions.ts';
import type { Capabilities } from './secrets.ts';
import { parseSignallingFrame, type SignallingFrame } from './signalling-frames.ts';
import { KeyedBuckets, TokenBucket } from './token-bucket.ts';

/** Why a frame was not passed on; also a label of the metric. */
export type FrameRefusal =
	| 'frame_rate'
	| 'frame_shape'
	| 'offer_rate'
	| 'target_rate'
	| 'capability'
	| 'absent'
	| 'not_introduced';

export type Verdict =
	{ pass: true; frame: SignallingFrame } | { pass: false; refusal: FrameRefusal; isOffer: boolean };

/** Ten OFFERs a second, the most that reach a contributor, take an ANSWER and a few CANDIDATEs each. */
const FRAME_RATE = { perSecond: 60, burst: 180 };
const OFFER_RATE_OF_SENDER = { perSecond: 5, burst: 10 };
const OFFER_RATE_OF_TARGET = { perSecond: 10, burst: 20 };
/** A socket that goes on and on above its rate is closed when this is used up. */
const PATIENCE = { perSecond: 2, burst: 600 };

/** What one socket may still send. */
export class SenderLimits {
	readonly frames: TokenBucket;
	readonly offers: TokenBucket;
	readonly patience: TokenBucket;

	constructor(nowMs: number) {
		this.frames = new TokenBucket(FRAME_RATE, nowMs);
		this.offers = new TokenBucket(OFFER_RATE_OF_SENDER, nowMs);
		this.patience = new TokenBucket(PATIENCE, nowMs);
	}
}

interface FilterParts {
	capabilities: Capabilities;
	introductions: Introductions;
	isPresent: (id: PeerId) => boolean;
}

/** Decides for each frame that a client sends whether PeerServer may see it. */
export class FrameFilter {
	readonly #parts: FilterParts;
	readonly #offersByTarget = new KeyedBuckets(OFFER_RATE_OF_TARGET);

	constructor(parts: FilterParts) {
		this.#parts = parts;
	}

	judge(from: PeerId, limits: SenderLimits, message: unknown, nowMs: number): Verdict {
		const isOffer = isOfferFrame(message);
		if (!limits.frames.take(nowMs)) return { pass: false, refusal: 'frame_rate', isOffer };
		const frame = parseSignallingFrame(message);
		if (!frame) return { pass: false, refusal: 'frame_shape', isOffer };
		const refusal = this.#refusalOf(from, limits, frame, nowMs);
		return refusal ? { pass: false, refusal, isOffer } : { pass: true, frame };
	}

	#refusalOf(
		from: PeerId,
		limits: SenderLimits,
		frame: SignallingFrame,
		nowMs: number
	): FrameRefusal | null {
		switch (frame.type) {
			case 'HEARTBEAT':
				return null;
			case 'LEAVE':
				return this.#parts.isPresent(frame.dst) ? null : 'absent';
			case 'ANSWER':
				return this.#refusalInside(frame, nowMs, [[frame.dst, from]]);
			case 'CANDIDATE':
				return this.#refusalInside(frame, nowMs, [
					[from, frame.dst],
					[frame.dst, from]
				]);
			case 'OFFER':
				return this.#refusalOfOffer(from, limits, frame, nowMs);
		}
	}

	#refusalInside(
		{ dst, payload }: Extract<SignallingFrame, { type: 'ANSWER' | 'CANDIDATE' }>,
		nowMs: number,
		directions: [from: PeerId, to: PeerId][]
	): FrameRefusal | null {
		const { introductions, isPresent } = this.#parts;
		const isIntroduced = directions.some(([from, to]) =>
			introductions.has(from, to, payload.connectionId, nowMs)
		);
		if (!isIntroduced) return 'not_introduced';
		return isPresent(dst) ? null : 'absent';
	}

	#refusalOfOffer(
		from: PeerId,
		limits: SenderLimits,
		{ dst, payload }: Extract<SignallingFrame, { type: 'OFFER' }>,
		nowMs: number
	): FrameRefusal | null {
		const { capabilities, introductions, isPresent } = this.#parts;
		if (!limits.offers.take(nowMs)) return 'offer_rate';
		if (!capabilities.isValid(payload.metadata.capability, dst, nowMs)) return 'capability';
		if (!isPresent(dst)) return 'absent';
		if (!this.#offersByTarget.take(dst, nowMs)) return 'target_rate';
		introductions.add(from, dst, payload.connectionId, nowMs);
		return null;
	}
}

function isOfferFrame(message: unknown): boolean {
	return (
		typeof message === 'object' && message !== null && 'type' in message && message.type === 'OFFER'
	);
}
