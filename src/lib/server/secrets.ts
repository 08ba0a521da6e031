import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { fromBase64Url, toBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { PeerId } from '../protocol/ids.ts';

/**
 * Challenges and capabilities carry their own expiry and an HMAC by a secret made at start-up: asking
 * for a million of them costs the coordinator no memory. After a restart the old ones are refused.
 */

/** A peer answers a challenge at once. */
export const CHALLENGE_TTL_MS = 30_000;
export const CAPABILITY_TTL_MS = 120_000;

const EXPIRY_BYTES = 6;
const SALT_BYTES = 10;
const CHALLENGE_MAC_BYTES = 16;
const CAPABILITY_MAC_BYTES = 32;
const CHALLENGE_BODY_BYTES = EXPIRY_BYTES + SALT_BYTES;

/** Longer than any capability; a length to refuse by before decoding. */
export const MAX_CAPABILITY_CHARS = 64;

export class Challenges {
	readonly #secret = randomBytes(32);
	/** Challenges already used, by text, with their expiry: kept in order of use. */
	readonly #used = new Map<string, number>();
	readonly #ttlMs: number;

	constructor(ttlMs = CHALLENGE_TTL_MS) {
		this.#ttlMs = ttlMs;
	}

	issue(nowMs: number): { challenge: string; expires: number } {
		const expires = nowMs + this.#ttlMs;
		const body = Buffer.alloc(CHALLENGE_BODY_BYTES);
		body.writeUIntBE(expires, 0, EXPIRY_BYTES);
		randomBytes(SALT_BYTES).copy(body, EXPIRY_BYTES);
		return { challenge: toBase64Url(Buffer.concat([body, this.#mac(body)])), expires };
	}

	/** True once for each challenge given out and not expired. */
	use(challenge: Bytes, nowMs: number): boolean {
		this.#forgetExpired(nowMs);
		if (challenge.length !== CHALLENGE_BODY_BYTES + CHALLENGE_MAC_BYTES) return false;
		const body = Buffer.from(challenge.subarray(0, CHALLENGE_BODY_BYTES));
		if (!timingSafeEqual(this.#mac(body), challenge.subarray(CHALLENGE_BODY_BYTES))) return false;
		const expires = body.readUIntBE(0, EXPIRY_BYTES);
		const text = toBase64Url(challenge);
		if (expires <= nowMs || this.#used.has(text)) return false;
		this.#used.set(text, expires);
		return true;
	}

	#mac(body: Uint8Array): Buffer {
		const mac = createHmac('sha256', this.#secret).update('challenge\n').update(body).digest();
		return mac.subarray(0, CHALLENGE_MAC_BYTES);
	}

	#forgetExpired(nowMs: number): void {
		for (const [text, expires] of this.#used) {
			if (expires <= nowMs) this.#used.delete(text);
		}
	}
}

/** The right to send an OFFER to one peer for two minutes; handed out with the peer's offer. */
export class Capabilities {
	readonly #secret = randomBytes(32);

	issue(target: PeerId, nowMs: number): string {
		const expiry = Buffer.alloc(EXPIRY_BYTES);
		expiry.writeUIntBE(nowMs + CAPABILITY_TTL_MS, 0, EXPIRY_BYTES);
		return toBase64Url(Buffer.concat([expiry, this.#mac(target, expiry)]));
	}

	isValid(capability: string, target: PeerId, nowMs: number): boolean {
		const bytes = capability.length <= MAX_CAPABILITY_CHARS ? fromBase64Url(capability) : null;
		if (bytes?.length !== EXPIRY_BYTES + CAPABILITY_MAC_BYTES) return false;
		const expiry = Buffer.from(bytes.subarray(0, EXPIRY_BYTES));
		const isOurs = timingSafeEqual(this.#mac(target, expiry), bytes.subarray(EXPIRY_BYTES));
		return isOurs && expiry.readUIntBE(0, EXPIRY_BYTES) > nowMs;
	}

	#mac(target: PeerId, expiry: Uint8Array): Buffer {
		return createHmac('sha256', this.#secret)
			.update(`capability\n${target}\n`)
			.update(expiry)
			.digest();
	}
}
