import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Who sent a request, as far as the coordinator can know. */
export interface Caller {
	/** What limits count by: an IPv4 address, or the /64 of an IPv6 one, which one machine may own. */
	group: string;
	/** On this very machine, and not through a proxy that we were not told about. */
	isLocal: boolean;
}

/**
 * The caller's address: the socket's, or behind trusted proxies the entry of `X-Forwarded-For` that
 * the outermost of them wrote. Entries further left are the caller's own words.
 */
export function callerOf(req: IncomingMessage, trustedProxyHops: number): Caller {
	const direct = plainAddress(req.socket.remoteAddress ?? '') ?? '';
	const forwarded = String(req.headers['x-forwarded-for'] ?? '');
	if (trustedProxyHops === 0) {
		const isProxied = forwarded !== '' || req.headers['forwarded'] !== undefined;
		return { group: addressGroup(direct), isLocal: isLoopback(direct) && !isProxied };
	}
	const written = forwarded.split(',').at(-trustedProxyHops)?.trim() ?? '';
	const address = plainAddress(written);
	// Nothing usable: somebody came around the proxy.
	if (!address) return { group: addressGroup(direct), isLocal: false };
	return { group: addressGroup(address), isLocal: isLoopback(address) };
}

function plainAddress(text: string): string | null {
	const address = text.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase();
	return isIP(address) ? address : null;
}

function isLoopback(address: string): boolean {
	return address === '::1' || address.startsWith('127.');
}

function addressGroup(address: string): string {
	if (isIP(address) !== 6) return address;
	const [head = '', tail] = address.split('::');
	const groups = head === '' ? [] : head.split(':');
	if (tail !== undefined) {
		const after = tail === '' ? 0 : tail.split(':').length;
		groups.push(...Array.from({ length: 8 - groups.length - after }, () => '0'));
		if (tail !== '') groups.push(...tail.split(':'));
	}
	return groups
		.slice(0, 4)
		.map((group) => parseInt(group, 16).toString(16))
		.join(':');
}
