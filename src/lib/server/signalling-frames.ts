import * as v from 'valibot';
import { parsePeerId, type PeerId } from '../protocol/ids.ts';
import { MAX_CAPABILITY_CHARS } from './secrets.ts';

/**
 * The frames of PeerJS 1.5 that a client may send, rebuilt key by key: what the parser does not name
 * does not reach another peer. Shapes: `_makeOffer`, `_makeAnswer` and `onicecandidate` in peerjs'
 * `lib/negotiator.ts`.
 */

/** An SDP of one data channel has 0.5 to 3 KB; many network interfaces make it longer. */
const MAX_SDP_CHARS = 16_384;
const MAX_CANDIDATE_CHARS = 1_024;

const peerId = v.custom<PeerId>((id) => parsePeerId(id) !== null, 'not a peer id');
const connectionId = v.pipe(v.string(), v.regex(/^dc_[a-z0-9]{1,32}$/));
const sdp = v.pipe(v.string(), v.maxLength(MAX_SDP_CHARS));
const short = v.pipe(v.string(), v.maxLength(64));

const offer = v.object({
	type: v.literal('OFFER'),
	dst: peerId,
	payload: v.object({
		// PeerJS would answer a media call before any page could refuse it.
		type: v.literal('data'),
		connectionId,
		sdp: v.object({ type: v.literal('offer'), sdp }),
		label: short,
		reliable: v.literal(true),
		serialization: v.literal('raw'),
		metadata: v.object({ capability: v.pipe(v.string(), v.maxLength(MAX_CAPABILITY_CHARS)) })
	})
});

const answer = v.object({
	type: v.literal('ANSWER'),
	dst: peerId,
	payload: v.object({
		type: v.literal('data'),
		connectionId,
		sdp: v.object({ type: v.literal('answer'), sdp })
	})
});

const candidate = v.object({
	type: v.literal('CANDIDATE'),
	dst: peerId,
	payload: v.object({
		type: v.literal('data'),
		connectionId,
		candidate: v.object({
			candidate: v.pipe(v.string(), v.maxLength(MAX_CANDIDATE_CHARS)),
			sdpMid: v.nullish(short),
			sdpMLineIndex: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
			usernameFragment: v.nullish(v.pipe(v.string(), v.maxLength(256)))
		})
	})
});

/** Without `dst` PeerServer would free the sender's id while its socket goes on: not a frame of ours. */
const leave = v.object({ type: v.literal('LEAVE'), dst: peerId });

const heartbeat = v.object({ type: v.literal('HEARTBEAT') });

const frame = v.variant('type', [offer, answer, candidate, leave, heartbeat]);

export type SignallingFrame = v.InferOutput<typeof frame>;

/** The frame that a client sent, or `null`. Total. */
export function parseSignallingFrame(value: unknown): SignallingFrame | null {
	const parsed = v.safeParse(frame, value, { abortEarly: true });
	return parsed.success ? parsed.output : null;
}

/** The peer that a refused frame was meant for, if it names one: so that its sender can be told. */
export function destinationOf(value: unknown): PeerId | null {
	const isObject = typeof value === 'object' && value !== null;
	return isObject && 'dst' in value ? parsePeerId(value.dst) : null;
}
