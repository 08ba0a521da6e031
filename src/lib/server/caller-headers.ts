import type { IncomingMessage } from 'node:http';
import { callerOf, type Caller } from './client-address.ts';

/**
 * How our server tells Kit's routes who asks: Kit makes its own `Request` and keeps of the Node
 * request only the headers. What a client sends under these names is overwritten.
 */
const GROUP_HEADER = 'x-mulberry-caller';
const LOCAL_HEADER = 'x-mulberry-local';
/** Read by adapter-node (`PROTOCOL_HEADER`) where no `ORIGIN` is set. */
export const PROTOCOL_HEADER = 'x-mulberry-protocol';

export function writeCaller(req: IncomingMessage, trustedProxyHops: number): void {
	const { group, isLocal } = callerOf(req, trustedProxyHops);
	const forwarded = String(req.headers['x-forwarded-proto'] ?? '').split(',');
	const written = trustedProxyHops > 0 ? forwarded.at(-trustedProxyHops)?.trim() : undefined;
	req.headers[GROUP_HEADER] = group;
	req.headers[LOCAL_HEADER] = isLocal ? '1' : '0';
	req.headers[PROTOCOL_HEADER] = written === 'https' ? 'https' : 'http';
}

export function readCaller(request: Request): Caller {
	return {
		group: request.headers.get(GROUP_HEADER) ?? '',
		isLocal: request.headers.get(LOCAL_HEADER) === '1'
	};
}
