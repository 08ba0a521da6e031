/** A file host with bad habits: each request to a file follows the next entry of its script. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Behaviour {
	/** Answer with this status and no file. */
	status?: number;
	headers?: Record<string, string>;
	/** Cut the connection after so many bytes of the body. */
	breakAfterBytes?: number;
	/** Send so many bytes of the body, then nothing more. */
	stallAfterBytes?: number;
	/** Leave `Content-Length` out (chunked). */
	hideLength?: boolean;
	/** Announce this length instead of the true one, and end the body properly (HTTP/1.1 close). */
	announceBytes?: number;
}

export interface SourceFile {
	bytes: Uint8Array;
	/** Null: the source names no version. */
	etag: string | null;
	lastModified?: string;
	ranges: boolean;
	/** The first request takes the first; after the last all is well. */
	script: Behaviour[];
}

export class FileSource {
	readonly files = new Map<string, SourceFile>();
	/** `Range` headers as they came, one entry a request; null where there was none. */
	readonly requests: { path: string; range: string | null }[] = [];
	#server: Server | null = null;

	put(path: string, bytes: Uint8Array, options: Partial<SourceFile> = {}): void {
		this.files.set(path, { bytes, etag: '"1"', ranges: true, script: [], ...options });
	}

	/** The first byte that each request to a file asked for. */
	startsOf(path: string): number[] {
		return this.rangesOf(path).map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0));
	}

	rangesOf(path: string): (string | null)[] {
		return this.requests.filter((request) => request.path === path).map(({ range }) => range);
	}

	/** Listens on a port of its own with CORS for all. @returns its origin */
	async listen(): Promise<string> {
		const server = createServer((request, response) => this.answer(request, response));
		this.#server = server;
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		this.#server?.closeAllConnections();
		await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(null));
	}

	answer(request: IncomingMessage, response: ServerResponse): void {
		const path = new URL(request.url ?? '/', 'http://source').pathname;
		const file = this.files.get(path);
		const range = request.headers.range ?? null;
		this.requests.push({ path, range });
		response.setHeader('Access-Control-Allow-Origin', '*');
		response.setHeader('Access-Control-Expose-Headers', 'ETag, Content-Range');
		response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
		if (file === undefined) return void response.writeHead(404).end();
		send(file, file.script.shift() ?? {}, range, response);
	}
}

function send(
	file: SourceFile,
	behaviour: Behaviour,
	range: string | null,
	response: ServerResponse
): void {
	if (behaviour.status !== undefined) {
		return void response.writeHead(behaviour.status, behaviour.headers).end();
	}
	const total = file.bytes.length;
	const from = file.ranges && range !== null ? Number(/^bytes=(\d+)-$/.exec(range)?.[1]) : 0;
	if (from >= total && total > 0) {
		return void response.writeHead(416, { 'Content-Range': `bytes */${total}` }).end();
	}
	const body = file.bytes.subarray(from);
	if (file.etag !== null) response.setHeader('ETag', file.etag);
	if (file.lastModified !== undefined) response.setHeader('Last-Modified', file.lastModified);
	if (file.ranges) response.setHeader('Accept-Ranges', 'bytes');
	if (from > 0) response.setHeader('Content-Range', `bytes ${from}-${total - 1}/${total}`);
	if (behaviour.hideLength !== true) {
		response.setHeader('Content-Length', behaviour.announceBytes ?? body.length);
	}
	response.writeHead(from > 0 ? 206 : 200, behaviour.headers);
	const cut = behaviour.breakAfterBytes ?? behaviour.stallAfterBytes;
	if (cut === undefined) return void response.end(body);
	response.write(body.subarray(0, cut), () => {
		// A client drops what it has received but not read when the connection is cut.
		if (behaviour.breakAfterBytes !== undefined) setTimeout(() => response.destroy(), 400);
	});
}

/** Bytes that differ everywhere, the same in every run. */
export function patternBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length);
	let state = seed * 2654435761;
	for (let index = 0; index < length; index++) {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		bytes[index] = state >>> 24;
	}
	return bytes;
}
