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
