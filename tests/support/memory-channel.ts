import type { Channel } from '../../src/lib/p2p/channel.ts';
import { randomBytes, type Bytes } from '../../src/lib/protocol/bytes.ts';
import type { Every } from '../../src/lib/p2p/ticker.ts';

/** Node's timers; nothing slows them down. */
export const everyInNode: Every = (intervalMs, tick) => {
	const timer = setInterval(tick, intervalMs);
	return () => clearInterval(timer);
};

export interface MemoryChannel extends Channel {
	/** Breaks the pair without a word, as a lost network does: nothing arrives, nothing closes. */
	cut(): void;
	/** Every text this side sent. */
	readonly sent: string[];
	setBufferedAmount(bytes: number): void;
}

export interface PairOptions {
	ids?: [string, string];
	/** DTLS fingerprints of the two sides, as an honest connection has them. */
	fingerprints?: [Bytes | null, Bytes | null];
}

class MemorySide implements MemoryChannel {
	readonly remoteId: string;
	readonly sent: string[] = [];
	other: MemorySide | null = null;
	isCut = false;
	isClosed = false;
	bufferedAmount = 0;
	#own: Bytes | null;
	#remote: Bytes | null;
	#early: unknown[] = [];
	#onMessage: ((data: unknown) => void) | null = null;
	#onClose = () => {};
	#drainers: (() => void)[] = [];

	constructor(remoteId: string, own: Bytes | null, remote: Bytes | null) {
		this.remoteId = remoteId;
		this.#own = own;
		this.#remote = remote;
	}

	send(text: string): void {
		if (this.isClosed) return;
		this.sent.push(text);
		setImmediate(() => {
			if (!this.isCut) this.other?.deliver(text);
		});
	}

	deliver(data: unknown): void {
		if (this.isClosed) return;
		if (this.#onMessage) this.#onMessage(data);
		else this.#early.push(data);
	}

	setBufferedAmount(bytes: number): void {
		this.bufferedAmount = bytes;
		if (bytes === 0) this.#drainers.splice(0).forEach((done) => done());
	}

	drained(): Promise<void> {
		if (this.bufferedAmount === 0) return Promise.resolve();
		return new Promise((resolve) => this.#drainers.push(resolve));
	}

	fingerprints(): { own: Bytes; remote: Bytes } | null {
		return this.#own && this.#remote ? { own: this.#own, remote: this.#remote } : null;
	}

	onMessage(listener: (data: unknown) => void): void {
		this.#onMessage = listener;
		this.#early.splice(0).forEach(listener);
	}

	onClose(listener: () => void): void {
		this.#onClose = listener;
	}

	close(): void {
		if (this.isClosed) return;
		this.isClosed = true;
		this.setBufferedAmount(0);
		this.#onClose();
		// After what was sent before it.
		setImmediate(() => {
			if (!this.isCut) this.other?.close();
		});
	}

	cut(): void {
		this.isCut = true;
		if (this.other) this.other.isCut = true;
	}

	path(): Promise<'host'> {
		return Promise.resolve('host');
	}
}

/** Two ends of a channel in memory, in order and reliable, delivering in later turns. */
export function channelPair(options: PairOptions = {}): [MemoryChannel, MemoryChannel] {
	const [idA, idB] = options.ids ?? ['a', 'b'];
	const [printA, printB] = options.fingerprints ?? [randomBytes(32), randomBytes(32)];
	const a = new MemorySide(idB, printA, printB);
	const b = new MemorySide(idA, printB, printA);
	a.other = b;
	b.other = a;
	return [a, b];
}
