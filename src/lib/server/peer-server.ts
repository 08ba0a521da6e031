import express from 'express';
import { createServer } from 'node:http';
import { ExpressPeerServer, type IClient } from 'peer';
import { WebSocketServer, type WebSocket } from 'ws';
import type { PeerId } from '../protocol/ids.ts';

/** Frames are SDP and ICE candidates: a few KB. `ws` closes the socket of a longer one with 1009. */
const MAX_FRAME_BYTES = 65_536;
/** A hidden tab's timers may sleep for a minute; the server pings, and counts a pong as life. */
const ALIVE_TIMEOUT_MS = 120_000;

/** A frame as PeerServer will handle it after the listener: changing it changes what is handled. */
export interface MutableFrame {
	type: string;
	dst?: string;
	payload?: unknown;
}

export interface PeerServerListeners {
	onMessage: (client: IClient, frame: MutableFrame) => void;
	onDisconnect: (client: IClient) => void;
	onError: (error: Error) => void;
}

/**
 * PeerServer 1.0.2 behind our own door: it never sees an upgrade request, only sockets that were
 * admitted, under an id and token that we checked. Its HTTP routes are not served: our ids come from
 * keys. Its two housekeeping timers cannot be stopped and end with the process.
 */
export class EmbeddedPeerServer {
	readonly webSockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
	#registered: IClient | null = null;

	constructor({ onMessage, onDisconnect, onError }: PeerServerListeners) {
		// It insists on an HTTP server, and uses it only where it makes its own WebSocket server.
		const peerServer = ExpressPeerServer(createServer(), {
			path: '/',
			key: 'peerjs',
			alive_timeout: ALIVE_TIMEOUT_MS,
			// Admission counts sockets before the upgrade.
			concurrent_limit: Number.POSITIVE_INFINITY,
			createWebSocketServer: () => this.webSockets
		});
		// Without this listener a single malformed frame ends the process.
		peerServer.on('error', onError);
		peerServer.on('connection', (client) => (this.#registered = client));
		peerServer.on('message', onMessage as (client: IClient, message: unknown) => void);
		peerServer.on('disconnect', onDisconnect);
		// It starts when it is mounted.
		express().use(peerServer);
	}

	/** Puts an open socket under an id that no client has. */
	register(socket: WebSocket, id: PeerId, token: string): IClient | null {
		this.#registered = null;
		// Our own query text: of a doubled parameter PeerServer would take another one than we checked.
		const query = new URLSearchParams({ key: 'peerjs', id, token });
		this.webSockets.emit('connection', socket, { url: `/peerjs?${query}` });
		return this.#registered;
	}
}
