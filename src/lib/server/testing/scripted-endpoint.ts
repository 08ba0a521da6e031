import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EndpointCall {
	method: string;
	params: Record<string, unknown>;
	headers: IncomingMessage['headers'];
	atMs: number;
}

/** What the endpoint does with a call: any HTTP answer, or none. */
export type EndpointScript = (call: EndpointCall, response: ServerResponse) => unknown;

/** The far side of the proxy: an endpoint of toncenter's API that behaves as it is told. */
export class ScriptedEndpoint {
	readonly calls: EndpointCall[] = [];
	readonly #server: Server;
	#script: EndpointScript = () => undefined;

	private constructor(server: Server) {
		this.#server = server;
	}

	static async start(): Promise<ScriptedEndpoint> {
		const server = createServer();
		const endpoint = new ScriptedEndpoint(server);
		server.on('request', (request, response) => void endpoint.#answer(request, response));
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return endpoint;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/v2/jsonRPC`;
	}

	/** Does this from now on. */
	script(script: EndpointScript): void {
		this.#script = script;
	}

	/** Does these one after the other, and the last one from then on. */
	scripts(...scripts: EndpointScript[]): void {
		let next = 0;
		this.script((call, response) =>
			scripts[Math.min(next++, scripts.length - 1)]?.(call, response)
		);
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, 'close');
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const body = JSON.parse(Buffer.concat(chunks).toString()) as Pick<
			EndpointCall,
			'method' | 'params'
		>;
		const call = { ...body, headers: request.headers, atMs: performance.now() };
		this.calls.push(call);
		this.#script(call, response);
	}
}

/** toncenter's answer with a result. */
export const gives =
	(result: unknown): EndpointScript =>
	(_call, response) =>
		json(response, 200, { ok: true, result, id: '1', jsonrpc: '2.0' });

/** toncenter's answer with an error. */
export const fails =
	(status: number, error: string, headers: Record<string, string> = {}): EndpointScript =>
	(_call, response) =>
		json(response, status, { ok: false, error, code: status }, headers);

/** Text that is no answer of the API. */
export const says =
	(status: number, text: string): EndpointScript =>
	(_call, response) =>
		response.writeHead(status, { 'content-type': 'text/html' }).end(text);

export const hangsUp: EndpointScript = (_call, response) => response.destroy();

export const neverAnswers: EndpointScript = () => undefined;

function json(
	response: ServerResponse,
	status: number,
	body: unknown,
	headers: Record<string, string> = {}
): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers });
	response.end(JSON.stringify(body));
}
