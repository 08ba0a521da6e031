import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Answers an upgrade request with an ordinary HTTP error. */
export function refuseUpgrade(
	socket: Duplex,
	{ status, code, message }: { status: number; code: string; message: string }
): void {
	const body = JSON.stringify({ error: { code, message } });
	socket.end(
		[
			`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
			'Connection: close',
			'Content-Type: application/json',
			`Content-Length: ${Buffer.byteLength(body)}`,
			'',
			body
		].join('\r\n')
	);
}
