/**
 * An account's address as text, read without `@ton/core`, which is too heavy for who only compares
 * addresses. Source: TEP-2.
 */

const RAW = /^(-1|0):([0-9a-fA-F]{64})$/;
const FRIENDLY = /^[A-Za-z0-9+/_-]{48}$/;
const FRIENDLY_BYTES = 36;
const BOUNCEABLE = 0x11;
const NOT_BOUNCEABLE = 0x51;
const TESTNET_ONLY = 0x80;

/** The raw form (`0:` and 64 small hex digits) of either form; `null` for anything else. */
export function rawAddress(text: string): string | null {
	const [, workchain, hash] = RAW.exec(text) ?? [];
	if (workchain !== undefined && hash !== undefined) return `${workchain}:${hash.toLowerCase()}`;
	if (!FRIENDLY.test(text)) return null;
	const bytes = fromBase64(text);
	const tag = (bytes[0] ?? 0) & ~TESTNET_ONLY;
	if (bytes.length !== FRIENDLY_BYTES || (tag !== BOUNCEABLE && tag !== NOT_BOUNCEABLE))
		return null;
	// A checksum over itself leaves nothing.
	if (crc16(bytes) !== 0) return null;
	const chain = bytes[1] === 0xff ? -1 : bytes[1];
	if (chain !== 0 && chain !== -1) return null;
	return `${chain}:${hex(bytes.subarray(2, 34))}`;
}

/** What the form that people copy says besides the account; `null` for any other form. */
export function addressFlags(text: string): { isBounceable: boolean; isTest: boolean } | null {
	if (!FRIENDLY.test(text) || rawAddress(text) === null) return null;
	const tag = fromBase64(text)[0] ?? 0;
	return { isBounceable: (tag & ~TESTNET_ONLY) === BOUNCEABLE, isTest: (tag & TESTNET_ONLY) !== 0 };
}

/** The form that people copy, of a raw address: 48 characters with a checksum. */
export function friendlyAddress(
	raw: string,
	{ isBounceable, isTest }: { isBounceable: boolean; isTest: boolean }
): string {
	const [, workchain, hash] = RAW.exec(raw) ?? [];
	if (workchain === undefined || hash === undefined) {
		throw new TypeError(`address: expected a raw one, found ${raw}`);
	}
	const bytes = new Uint8Array(FRIENDLY_BYTES);
	bytes[0] = (isBounceable ? BOUNCEABLE : NOT_BOUNCEABLE) | (isTest ? TESTNET_ONLY : 0);
	bytes[1] = Number(workchain) & 0xff;
	bytes.set(
		Array.from({ length: 32 }, (_, at) => parseInt(hash.slice(at * 2, at * 2 + 2), 16)),
		2
	);
	const crc = crc16(bytes.subarray(0, 34));
	bytes.set([crc >> 8, crc & 0xff], 34);
	return btoa(String.fromCharCode(...bytes))
		.replaceAll('+', '-')
		.replaceAll('/', '_');
}

/** Short enough for a line, long enough to compare. */
export function shortAddress(friendly: string): string {
	return `${friendly.slice(0, 6)}…${friendly.slice(-6)}`;
}

function fromBase64(text: string): Uint8Array {
	const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
	return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

function hex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** CRC-16/XMODEM. */
function crc16(bytes: Uint8Array): number {
	let crc = 0;
	for (const byte of bytes) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
	}
	return crc;
}
