import type { Bytes } from '../protocol/bytes.ts';

/** Above this the sender stops pulling from the engine; far below where data channels misbehave. */
export const HIGH_WATER_BYTES = 256 * 1024;
export const LOW_WATER_BYTES = 64 * 1024;

/** How two peers reach each other, from the ICE candidate in use. */
export type ConnectionPath = 'host' | 'srflx' | 'prflx' | 'relay' | 'unknown';

/** An open, ordered, reliable message pipe to one peer: all that the protocol asks of WebRTC. */
export interface Channel {
	/** The other side's PeerJS id as the signalling server claims it; proven only by the handshake. */
	readonly remoteId: string;
	readonly bufferedAmount: number;
	/** Does nothing once the channel is closed. */
	send(text: string): void;
	/** Resolves when at most 64 KiB are buffered, or the channel is closed. */
	drained(): Promise<void>;
	/** DTLS fingerprints of both sides; `null` where one is missing or ambiguous. */
	fingerprints(): { own: Bytes; remote: Bytes } | null;
	/** Sets the one listener; messages that came before it are delivered to it first. */
	onMessage(listener: (data: unknown) => void): void;
	onClose(listener: () => void): void;
	close(): void;
	path(): Promise<ConnectionPath>;
}
