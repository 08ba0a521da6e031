import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { IClient } from 'peer';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { CONTRIBUTOR_PEER_ID, type PeerId } from '../protocol/ids.ts';
import {
	checkSignature,
	pathOf,
	readApplicant,
	SIGNALLING_PATH,
	type Applicant,
	type Refusal
} from './admission.ts';
import { callerOf } from './client-address.ts';
import { FrameFilter, SenderLimits } from './frame-filter.ts';
import { Introductions } from './introductions.ts';
import type { Metrics } from './metrics.ts';
import { EmbeddedPeerServer, type MutableFrame } from './peer-server.ts';
import type { Capabilities, Challenges } from './secrets.ts';
import type { Settings } from './settings.ts';
import { SocketLimits } from './socket-limits.ts';
import { refuseUpgrade } from './upgrade.ts';

/** Below the 60 s after which common proxies cut a silent socket; two missed pongs end it. */
const PING_INTERVAL_MS = 25_000;
/** How long a replaced socket may take to say goodbye. */
const GOODBYE_MS = 250;
/** A client that does not read what it is sent must not fill our memory. */
const MAX_UNSENT_BYTES = 1_048_576;

interface Member {
	readonly client: IClient;
	readonly token: string;
	readonly socket: WebSocket;
	readonly limits: SenderLimits;
	missedPongs: number;
}

export interface SignallingParts {
	settings: Settings;
	challenges: Challenges;
	capabilities: Capabilities;
	metrics: Metrics;
	logger: Logger;
}

/** Introduces peers to each other: PeerServer with a door in front of it and a filter inside. */
export class Signalling {
	readonly #parts: SignallingParts;
	readonly #members = new Map<PeerId, Member>();
	readonly #socketLimits: SocketLimits;
	readonly #filter: FrameFilter;
	readonly #peerServer: EmbeddedPeerServer;
	readonly #pings: NodeJS.Timeout;
	#isClosing = false;

	constructor(parts: SignallingParts) {
		this.#parts = parts;
		this.#socketLimits = new SocketLimits(parts.settings);
		this.#filter = new FrameFilter({
			capabilities: parts.capabilities,
			introductions: new Introductions(),
			isPresent: (id) => this.isPresent(id)
		});
		this.#peerServer = new EmbeddedPeerServer({
			onMessage: (client, frame) => this.#onMessage(client, frame),
			onDisconnect: (client) => this.#onDisconnect(client),
			onError: () => parts.metrics.refused('frame_unreadable')
		});
		this.#pings = setInterval(() => this.#pingAll(), PING_INTERVAL_MS).unref();
	}

	isPresent(id: PeerId): boolean {
		return this.#members.has(id);
	}

	counts(): { contributors: number; requesters: number } {
		let contributors = 0;
		for (const id of this.#members.keys()) if (CONTRIBUTOR_PEER_ID.test(id)) contributors += 1;
		return { contributors, requesters: this.#members.size - contributors };
	}

	/** Takes over an upgrade request to the signalling path; false for every other path. */
	handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
		if (pathOf(req) !== SIGNALLING_PATH) return false;
		// Until `ws` has the socket, a reset by the other side would be an unhandled error.
		socket.on('error', () => socket.destroy());
		this.#receive(req, socket, head).catch((error: unknown) => {
			this.#parts.logger.error({ err: error }, 'a signalling socket could not be admitted');
			socket.destroy();
		});
		return true;
	}

	/** Says goodbye to everybody. */
	async close(): Promise<void> {
		this.#isClosing = true;
		clearInterval(this.#pings);
		await Promise.all(
			[...this.#members.values()].map(({ socket }) => dismiss(socket, 1001, 'closing'))
		);
	}

	async #receive(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
		const applicant = await this.#admit(req, socket);
		if ('status' in applicant) {
			this.#parts.metrics.refused(applicant.code);
			this.#parts.logger.debug({ code: applicant.code }, 'signalling socket refused');
			refuseUpgrade(socket, applicant);
			return;
		}
		const { id, token } = applicant;
		this.#peerServer.webSockets.handleUpgrade(req, socket, head, (webSocket) => {
			const client = this.#peerServer.register(webSocket, id, token);
			if (!client) return webSocket.terminate();
			const limits = new SenderLimits(Date.now());
			const member: Member = { client, token, socket: webSocket, limits, missedPongs: 0 };
			this.#members.set(id, member);
			webSocket.on('pong', () => {
				member.missedPongs = 0;
				client.setLastPing(Date.now());
			});
		});
	}

	async #admit(req: IncomingMessage, socket: Duplex): Promise<Applicant | Refusal> {
		const { settings, challenges } = this.#parts;
		const { group } = callerOf(req, settings.trustedProxyHops);
		const refusal = this.#socketLimits.enter(group, this.#members.size, Date.now());
		if (refusal) return refusal;
		socket.once('close', () => this.#socketLimits.leave(group));

		const applicant = readApplicant(req);
		if ('status' in applicant) return applicant;
		const forged = await checkSignature(applicant, challenges, Date.now());
		if (forged) return forged;
		const taken = await this.#freeId(applicant);
		if (taken) return taken;
		if (this.#isClosing) {
			return { status: 503, code: 'closing', message: 'The coordinator is shutting down.' };
		}
		return applicant;
	}

	/**
	 * The owner's new socket replaces the old one. PeerServer would answer ID-TAKEN to another token,
	 * and for the same token would never send OPEN, so the old client leaves first.
	 */
	async #freeId({ id, token }: Applicant): Promise<Refusal | null> {
		for (let old = this.#members.get(id); old; old = this.#members.get(id)) {
			const isOwner = CONTRIBUTOR_PEER_ID.test(id) || old.token === token;
			if (!isOwner) {
				return { status: 409, code: 'id_taken', message: 'id: in use with another token.' };
			}
			// PeerJS takes this as "unavailable-id": a second tab can say what happened.
			old.client.send({ type: 'ID-TAKEN', payload: { msg: 'Opened elsewhere' } });
			await dismiss(old.socket, 4001, 'replaced');
		}
		return null;
	}

	#onMessage(client: IClient, message: MutableFrame): void {
		const id = client.getId() as PeerId;
		const member = this.#members.get(id);
		const verdict =
			member?.client === client ? this.#filter.judge(id, member.limits, message, Date.now()) : null;
		if (verdict?.pass) {
			const { frame } = verdict;
			message.payload = 'payload' in frame ? withoutMetadata(frame.payload) : undefined;
			if ('dst' in frame) this.#dropIfNotReading(frame.dst);
			this.#parts.metrics.relayed(frame.type);
			return;
		}
		if (verdict && member) this.#refuse(member, message, verdict.refusal, verdict.isOffer);
		// PeerServer has no handler for this type, and so queues nothing and passes nothing on.
		message.type = 'REFUSED';
	}

	#refuse(member: Member, message: MutableFrame, refusal: string, isOffer: boolean): void {
		this.#parts.metrics.refused(refusal);
		if (!member.limits.patience.take(Date.now())) return member.socket.terminate();
		// The one answer that PeerJS understands as "could not connect to this peer".
		if (isOffer && typeof message.dst === 'string' && message.dst.length <= 65) {
			member.client.send({ type: 'EXPIRE', src: message.dst, dst: member.client.getId() });
		}
	}

	#dropIfNotReading(id: PeerId): void {
		const socket = this.#members.get(id)?.socket;
		if (socket && socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate();
	}

	#onDisconnect(client: IClient): void {
		const id = client.getId() as PeerId;
		const member = this.#members.get(id);
		if (member?.client !== client) return;
		this.#members.delete(id);
		// PeerServer may have given up a socket that is still closing.
		member.socket.terminate();
	}

	#pingAll(): void {
		for (const member of this.#members.values()) {
			if (member.missedPongs >= 2) {
				member.socket.terminate();
				continue;
			}
			member.missedPongs += 1;
			member.socket.ping();
		}
	}
}

function withoutMetadata(payload: object): object {
	return { ...payload, metadata: undefined };
}

async function dismiss(socket: WebSocket, code: number, reason: string): Promise<void> {
	if (socket.readyState === socket.CLOSED) return;
	const closed = once(socket, 'close');
	socket.close(code, reason);
	const deadline = setTimeout(() => socket.terminate(), GOODBYE_MS);
	await closed;
	clearTimeout(deadline);
}
