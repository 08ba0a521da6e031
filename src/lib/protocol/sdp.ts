import { equalBytes, fromHex, type Bytes } from './bytes.ts';

/**
 * The SHA-256 DTLS fingerprint that an SDP names (RFC 8122), or `null` if it names none, one made
 * with another hash, or several that differ: whichever it is, the peer cannot be bound to a key.
 */
export function dtlsFingerprint(sdp: string): Bytes | null {
	let found: Bytes | null = null;
	for (const line of sdp.split(/\r?\n/)) {
		if (!line.startsWith('a=fingerprint:')) continue;
		const match = /^a=fingerprint:sha-256 ((?:[0-9a-f]{2}:){31}[0-9a-f]{2})\s*$/i.exec(line);
		const bytes = match?.[1] ? fromHex(match[1].replaceAll(':', '')) : null;
		if (!bytes || (found && !equalBytes(found, bytes))) return null;
		found = bytes;
	}
	return found;
}
