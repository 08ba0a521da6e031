import { utf8 } from '../protocol/bytes.ts';
import { parseFrame, type Code, type Frame, type ParsedFrame } from '../protocol/frames.ts';
import { MAX_MESSAGE_BYTES, PartAssembler, toMessages } from '../protocol/framing.ts';
import type { Channel } from './channel.ts';
import type { Every } from './ticker.ts';

/** A frame, with its text as it was sent (hellos and jobs are hashed), or a job refused at parsing. */
export type Received =
	{ kind: 'frame'; frame: Frame; text: string } | Extract<ParsedFrame, { kind: 'refused' }>;

/** What waiting for a frame can give besides one. */
export type Awaited = Received | { kind: 'ended' } | { kind: 'timeout' } | { kind: 'aborted' };

/** Why a link is over. `code` is null when it simply broke. */
export interface LinkEnd {
	code: Code | null;
	text: string;
	byPeer: boolean;
}

/** A ping every second tick; looking twice as often notices silence sooner. */
const BEATS = {
	idle: { intervalMs: 15_000, silenceMs: 45_000 },
	job: { intervalMs: 500, silenceMs: 1_500 }
} as const;

/** Frames a peer may have waiting here unread; an honest one never comes near. */
const MAX_WAITING_FRAMES = 2_048;

/**
 * Frames over a channel: cuts and joins parts, parses everything at one edge, keeps the heartbeat
 * and notices silence. Frames are taken with `next`, one at a time and in order.
 */
export class Link {
	readonly channel: Channel;
	readonly ended: Promise<LinkEnd>;
	#end: LinkEnd | null = null;
	#settleEnd: (end: LinkEnd) => void;
	#inbox: Received[] = [];
	#waiter: ((value: Awaited) => void) | null = null;
	#parts = new PartAssembler();
	#ignoresUnknown = false;
	#every: Every;
	#beat: keyof typeof BEATS = 'idle';
	#stopBeat: () => void;
	#ticks = 0;
	#lastHeardMs = performance.now();
	#lastTickMs = performance.now();

	constructor(channel: Channel, every: Every) {
		this.channel = channel;
		this.#every = every;
		let settle: (end: LinkEnd) => void = () => {};
		this.ended = new Promise((resolve) => (settle = resolve));
		this.#settleEnd = settle;
		this.#stopBeat = every(BEATS.idle.intervalMs / 2, () => this.#tick());
		channel.onClose(() => this.#finish({ code: null, text: 'connection closed', byPeer: true }));
		channel.onMessage((data) => this.#receive(data));
	}

	get end(): LinkEnd | null {
		return this.#end;
	}

	/** After the handshake an unknown tag comes from a newer version and is ignored. */
	ignoreUnknownTags(): void {
		this.#ignoresUnknown = true;
	}

	/** Beats fast during a job, so that a vanished peer is noticed within 1.5 s. */
	set beat(beat: keyof typeof BEATS) {
		if (beat === this.#beat || this.#end) return;
		this.#beat = beat;
		this.#stopBeat();
		this.#lastHeardMs = this.#lastTickMs = performance.now();
		this.#stopBeat = this.#every(BEATS[beat].intervalMs / 2, () => this.#tick());
		this.send({ t: 'ping' });
	}

	/** Sends a frame and returns its text, for hashing. */
	send(frame: Frame): string {
		const text = JSON.stringify(frame);
		this.sendText(text);
		return text;
	}

	sendText(text: string): void {
		if (this.#end) return;
		for (const message of toMessages(text)) this.channel.send(message);
	}

	/** The next frame; one caller at a time. */
	next(wait: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<Awaited> {
		if (wait.signal?.aborted) return Promise.resolve({ kind: 'aborted' });
		const first = this.#inbox.shift();
		if (first) return Promise.resolve(first);
		if (this.#end) return Promise.resolve({ kind: 'ended' });
		return new Promise((resolve) => {
			const settle = (value: Awaited) => {
				this.#waiter = null;
				clearTimeout(timer);
				wait.signal?.removeEventListener('abort', abort);
				resolve(value);
			};
			const abort = () => settle({ kind: 'aborted' });
			const timer =
				wait.timeoutMs === undefined
					? undefined
					: setTimeout(() => settle({ kind: 'timeout' }), wait.timeoutMs);
			wait.signal?.addEventListener('abort', abort);
			this.#waiter = settle;
		});
	}

	/** Says goodbye and closes. */
	bye(code: Code, text: string): void {
		if (this.#end) return;
		this.send({ t: 'bye', code, text: text.slice(0, 500) });
		this.#finish({ code, text, byPeer: false });
	}

	#receive(data: unknown): void {
		if (this.#end) return;
		this.#lastHeardMs = performance.now();
		if (typeof data !== 'string') return this.bye('protocol', 'messages must be text');
		if (data.length > MAX_MESSAGE_BYTES || utf8(data).length > MAX_MESSAGE_BYTES) {
			return this.bye('protocol', `a message of more than ${MAX_MESSAGE_BYTES} bytes`);
		}
		const parsed = parseFrame(data);
		if (parsed.kind === 'frame' && parsed.frame.t === 'part') {
			const assembled = this.#parts.add(parsed.frame);
			if (assembled.kind === 'malformed') return this.bye('protocol', assembled.reason);
			if (assembled.kind === 'complete') {
				const whole = parseFrame(assembled.text);
				if (whole.kind === 'frame' && whole.frame.t === 'part') {
					return this.bye('protocol', 'a part inside of parts');
				}
				this.#accept(whole, assembled.text);
			}
			return;
		}
		if (this.#parts.isOpen) return this.bye('protocol', 'a frame between the parts of another');
		this.#accept(parsed, data);
	}

	#accept(parsed: ParsedFrame, text: string): void {
		switch (parsed.kind) {
			case 'malformed':
				return this.bye('protocol', parsed.reason);
			case 'unknown':
				if (!this.#ignoresUnknown) this.bye('protocol', `unknown frame ${parsed.tag}`);
				return;
			case 'refused':
				return this.#deliver(parsed);
			case 'frame':
				if (parsed.frame.t === 'ping') this.send({ t: 'pong' });
				else if (parsed.frame.t === 'bye') {
					const { code, text: why } = parsed.frame;
					this.#finish({ code, text: why, byPeer: true });
				} else if (parsed.frame.t !== 'pong') {
					this.#deliver({ kind: 'frame', frame: parsed.frame, text });
				}
		}
	}

	#deliver(received: Received): void {
		if (this.#waiter) this.#waiter(received);
		else if (this.#inbox.length >= MAX_WAITING_FRAMES) this.bye('overloaded', 'too many frames');
		else this.#inbox.push(received);
	}

	#tick(): void {
		const now = performance.now();
		const { intervalMs, silenceMs } = BEATS[this.#beat];
		// A page that was frozen itself has not listened: it gives the peer one more interval.
		if (now - this.#lastTickMs > 2 * intervalMs) this.#lastHeardMs = now - intervalMs;
		this.#lastTickMs = now;
		if (now - this.#lastHeardMs > silenceMs) {
			this.#finish({ code: null, text: 'nothing was heard any more', byPeer: true });
		} else if (this.#ticks++ % 2 === 0) this.send({ t: 'ping' });
	}

	#finish(end: LinkEnd): void {
		if (this.#end) return;
		this.#end = end;
		this.#stopBeat();
		this.channel.close();
		this.#settleEnd(end);
		// Frames that came before the end can still be taken.
		this.#waiter?.({ kind: 'ended' });
	}
}
