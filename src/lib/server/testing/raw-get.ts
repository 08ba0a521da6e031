import { request } from 'node:http';

/** A GET whose path and headers reach the server as they are written here. */
export function rawGet(
	url: string,
	path: string,
	headers: Record<string, string> = {},
	method = 'GET'
) {
	return new Promise<{ status: number; body: string }>((resolve, reject) => {
		const { hostname, port } = new URL(url);
		const req = request({ hostname, port, path, headers, method }, (res) => {
			let body = '';
			res.on('data', (data: Buffer) => (body += data.toString()));
			res.on('end', () => resolve({ status: res.statusCode ?? 0, body }));
		});
		req.on('error', reject);
		req.end();
	});
}
