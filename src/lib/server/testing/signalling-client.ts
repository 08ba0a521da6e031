import { once } from 'node:events';
import { WebSocket } from 'ws';
import { newRequesterPeerId } from '../../protocol/ids.ts';
import { fromBase64Url } from '../../protocol/bytes.ts';
import { admissionToken } from '../../protocol/signalling.ts';
import type { TestKey } from './offers.ts';

/** A scripted peer: speaks PeerJS's signalling as a browser would, or as one never would. */

export interface SignallingFrame {
	type: string;
	src?: string;
	dst?: string;
	payload?: unknown;
}

export class SignallingClient {
	readonly id: string;
	readonly socket: WebSocket;
	readonly #received: SignallingFrame[] = [];
	#wake: (() => void) | null = null;

	constructor(port: number, id: string, token: string, extra = '') {
		const query = new URLSearchParams({ key: 'peerjs', id, token, version: '1.5.5' });
		this.id = id;
		this.socket = new WebSocket(`ws://127.0.0.1:${port}/peerjs/peerjs?${query}${extra}`);
		this.socket.on('error', () => undefined);
		this.socket.on('message', (data: Buffer) => {
			this.#received.push(JSON.parse(data.toString()) as SignallingFrame);
			this.#wake?.();
		});
	}

	send(frame: unknown): void {
		this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
	}

	/** The next frame; `null` if none came in time. */
	async next(withinMs = 1000): Promise<SignallingFrame | null> {
		const deadlineMs = Date.now() + withinMs;
		while (this.#received.length === 0) {
			const leftMs = deadlineMs - Date.now();
			if (leftMs <= 0) return null;
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, leftMs);
				this.#wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
		return this.#received.shift() ?? null;
	}

	/** Proves that the server lives and has handled everything sent before. */
	async settled(): Promise<void> {
		this.socket.ping();
		await once(this.socket, 'pong', { signal: AbortSignal.timeout(2000) });
	}

	async closed(): Promise<number> {
		if (this.socket.readyState === WebSocket.CLOSED) return 0;
		const [code] = (await once(this.socket, 'close', { signal: AbortSignal.timeout(3000) })) as [
			number
		];
		return code;
	}

	close(): void {
		this.socket.terminate();
	}
}

/** The HTTP status of a refused upgrade, or 101. */
export function upgradeStatus(client: SignallingClient): Promise<number> {
	return new Promise((resolve, reject) => {
		client.socket.once('open', () => resolve(101));
		client.socket.once('unexpected-response', (request, response) => {
			resolve(response.statusCode ?? 0);
			request.destroy();
		});
		setTimeout(() => reject(new Error('no answer to the upgrade')), 3000).unref();
	});
}

export async function freshToken(port: number, key: TestKey, id: string = key.id): Promise<string> {
	const response = await fetch(`http://127.0.0.1:${port}/api/challenge`, { method: 'POST' });
	const { challenge } = (await response.json()) as { challenge: string };
	const bytes = fromBase64Url(challenge);
	if (!bytes) throw new Error(`challenge: expected base64url, came ${challenge}`);
	return admissionToken(key.privateKey, id, bytes);
}

async function opened(client: SignallingClient): Promise<SignallingClient> {
	const frame = await client.next();
	if (frame?.type !== 'OPEN') throw new Error(`expected OPEN, came ${JSON.stringify(frame)}`);
	return client;
}

export async function connectContributor(port: number, key: TestKey): Promise<SignallingClient> {
	return opened(new SignallingClient(port, key.id, await freshToken(port, key)));
}

export function connectRequester(port: number): Promise<SignallingClient> {
	return opened(new SignallingClient(port, newRequesterPeerId(), 'any-token'));
}

/** An OFFER as PeerJS 1.5.5 writes it. */
export function offerFrame(dst: string, capability: unknown, connectionId = 'dc_abc123'): object {
	return {
		type: 'OFFER',
		dst,
		payload: {
			sdp: { type: 'offer', sdp: 'v=0\r\n' },
			type: 'data',
			connectionId,
			metadata: { capability },
			label: connectionId,
			reliable: true,
			serialization: 'raw'
		}
	};
}

export function answerFrame(dst: string, connectionId = 'dc_abc123'): object {
	const sdp = { type: 'answer', sdp: 'v=0\r\n' };
	return { type: 'ANSWER', dst, payload: { sdp, type: 'data', connectionId } };
}

export function candidateFrame(dst: string, connectionId = 'dc_abc123'): object {
	const candidate = {
		candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host',
		sdpMid: '0',
		sdpMLineIndex: 0
	};
	return { type: 'CANDIDATE', dst, payload: { candidate, type: 'data', connectionId } };
}
