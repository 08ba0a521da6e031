/** The one file that imports PeerJS: a signalling session under an id, and channels through it. */
import { Peer, type DataConnection } from 'peerjs';
import type { PeerId } from '../protocol/ids.ts';
import type { Channel } from './channel.ts';
import { channelOf } from './data-channel.ts';

const OPEN_TIMEOUT_MS = 10_000;
/**
 * A dial is tried twice: one lost candidate or mDNS answer, which the browser does not ask for
 * again, leaves the first without a way, and a fresh one usually has it within a moment.
 */
const DIAL_TIMEOUTS_MS = [2_500, 8_000];

export interface EndpointOptions {
	id: PeerId;
	/** Proof that the id is ours, or any text for a requester. */
	token: string;
	/** Always given, even empty: PeerJS's default servers belong to third parties. */
	iceServers: RTCIceServer[];
	/** Where the coordinator is; its PeerServer answers below `/peerjs`. */
	coordinator: URL;
	onIncoming?: (channel: Channel) => void;
	/** The signalling socket is gone; open channels live on. */
	onDisconnected?: (reason: string) => void;
	signal?: AbortSignal;
}

/** Why a peer could not be reached; expected, so a value. */
export type DialResult =
	{ ok: true; channel: Channel } | { ok: false; kind: 'absent' | 'failed' | 'timeout' | 'aborted' };

export interface Endpoint {
	dial(target: PeerId, capability: string, signal: AbortSignal): Promise<DialResult>;
	/** Leaves the signalling server; open channels live on. */
	leaveSignalling(): void;
	/** Closes everything. */
	close(): void;
}

/** @throws Error when the signalling server cannot be reached or refuses the id */
export function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
	const { coordinator, iceServers } = options;
	const isSecure = coordinator.protocol === 'https:';
	const peer = new Peer(options.id, {
		host: coordinator.hostname,
		port: Number(coordinator.port) || (isSecure ? 443 : 80),
		path: '/peerjs',
		key: 'peerjs',
		secure: isSecure,
		token: options.token,
		config: { iceServers },
		debug: 0
	});
	peer.on('connection', (connection) => {
		connection.on('open', () => {
			const channel = channelOf(connection, () => {});
			if (options.onIncoming) options.onIncoming(channel);
			else channel.close();
		});
	});
	return new Promise((resolve, reject) => {
		const fail = (reason: string) => {
			settled();
			peer.destroy();
			reject(new Error(`signalling: ${reason}`));
		};
		const timer = setTimeout(() => fail('no answer in time'), OPEN_TIMEOUT_MS);
		const failed = (error: { type: string }) => fail(error.type);
		const aborted = () => fail('given up');
		const settled = () => {
			clearTimeout(timer);
			peer.off('error', failed);
			options.signal?.removeEventListener('abort', aborted);
		};
		peer.on('error', failed);
		options.signal?.addEventListener('abort', aborted);
		if (options.signal?.aborted) aborted();
		peer.once('open', () => {
			settled();
			// Errors of single connections come here too; each dial listens for its own.
			peer.on('error', () => {});
			peer.on('disconnected', () => options.onDisconnected?.('signalling connection lost'));
			resolve({
				dial: async (target, capability, signal) => {
					let result: DialResult = { ok: false, kind: 'timeout' };
					for (const timeoutMs of DIAL_TIMEOUTS_MS) {
						result = await dial(peer, target, capability, timeoutMs, signal);
						if (result.ok || result.kind !== 'timeout') break;
					}
					return result;
				},
				leaveSignalling: () => {
					delete options.onDisconnected;
					peer.disconnect();
				},
				close: () => {
					delete options.onDisconnected;
					peer.destroy();
				}
			});
		});
	});
}

function dial(
	peer: Peer,
	target: PeerId,
	capability: string,
	timeoutMs: number,
	signal: AbortSignal
): Promise<DialResult> {
	if (signal.aborted) return Promise.resolve({ ok: false, kind: 'aborted' });
	const connection: DataConnection | undefined = peer.connect(target, {
		reliable: true,
		serialization: 'raw',
		metadata: { capability }
	});
	if (!connection) return Promise.resolve({ ok: false, kind: 'failed' });
	return new Promise((resolve) => {
		const settle = (result: DialResult) => {
			clearTimeout(timer);
			signal.removeEventListener('abort', abort);
			peer.off('error', peerFailed);
			connection.off('close', failed);
			connection.off('error', failed);
			if (!result.ok) connection.close();
			resolve(result);
		};
		const abort = () => settle({ ok: false, kind: 'aborted' });
		const failed = () => settle({ ok: false, kind: 'failed' });
		const peerFailed = (error: { type: string; message: string }) => {
			// PeerJS tells of an absent peer on the Peer, naming its id in the message only.
			if (error.type === 'peer-unavailable' && error.message.endsWith(target)) {
				settle({ ok: false, kind: 'absent' });
			} else if (error.type === 'webrtc') failed();
		};
		const timer = setTimeout(() => settle({ ok: false, kind: 'timeout' }), timeoutMs);
		signal.addEventListener('abort', abort);
		peer.on('error', peerFailed);
		connection.on('close', failed);
		connection.on('error', failed);
		connection.on('open', () => {
			settle({ ok: true, channel: channelOf(connection, () => {}) });
		});
	});
}
