/** Bytes in, bytes out: the encodings that `docs/protocol.md` uses, and nothing else. */

export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of a string. Lone surrogates become U+FFFD, as `TextEncoder` does it. */
export function utf8(text: string): Bytes {
	return encoder.encode(text);
}

/** The string that these bytes encode, or `null` where they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | null {
	try {
		return strictDecoder.decode(bytes);
	} catch {
		return null;
	}
}

/** Joins byte strings; `‖` of the protocol. */
export function concat(...parts: Uint8Array[]): Bytes {
	const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let offset = 0;
	for (const part of parts) {
		joined.set(part, offset);
		offset += part.length;
	}
	return joined;
}

/** A big-endian unsigned 32-bit integer. */
export function u32(value: number): Bytes {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value);
	return bytes;
}

/** A big-endian unsigned 64-bit integer. */
export function u64(value: number | bigint): Bytes {
	const bytes = new Uint8Array(8);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
	return bytes;
}

/** SHA-256. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
	return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

export function randomBytes(length: number): Bytes {
	return crypto.getRandomValues(new Uint8Array(length));
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

export function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of an even-length hex string in either case, or `null`. */
export function fromHex(text: string): Bytes | null {
	if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return null;
	return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
		parseInt(text.slice(index * 2, index * 2 + 2), 16)
	);
}

/** Base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
	let binary = '';
	// `fromCharCode` takes its bytes as arguments, and engines limit how many there may be.
	for (let start = 0; start < bytes.length; start += 8192) {
		binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
	}
	return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Base64url whose last character has no bits that stand for nothing, by what is left of a group. */
const CANONICAL = [
	/^[A-Za-z0-9_-]*$/,
	/(?!)/,
	/^[A-Za-z0-9_-]*[AQgw]$/,
	/^[A-Za-z0-9_-]*[AEIMQUYcgkosw048]$/
] as const;

/** The bytes of canonical base64url without padding, or `null`. */
export function fromBase64Url(text: string): Bytes | null {
	// Two texts for the same bytes would let one signature stand for two frames.
	if (!CANONICAL[text.length % 4]?.test(text)) return null;
	const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
	const bytes = new Uint8Array(binary.length);
	for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
	return bytes;
}
