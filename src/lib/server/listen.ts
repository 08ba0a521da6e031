import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Coordinator } from './coordinator.ts';
import type { Middleware } from './front.ts';
import { refuseUpgrade } from './upgrade.ts';

export interface RunningServer {
	port: number;
	/** Where to open it in a browser. */
	url: string;
	/** Takes no more requests, finishes those under way (until the deadline), closes all sockets. */
	close(): Promise<void>;
}

/** Our APIs take 8 KB; who needs longer than this to send a request is not a browser. */
const REQUEST_TIMEOUT_MS = 30_000;
const SWEEP_INTERVAL_MS = 50;

/** Serves the coordinator and the pages on one port. */
export async function listen(coordinator: Coordinator, pages: Middleware): Promise<RunningServer> {
	const { settings } = coordinator;
	const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (req, res) =>
		coordinator.front(req, res, () =>
			pages(req, res, () => {
				res.statusCode = 404;
				res.end();
			})
		)
	);
	server.on('upgrade', (req, socket, head) => {
		if (coordinator.handleUpgrade(req, socket, head)) return;
		socket.on('error', () => socket.destroy());
		refuseUpgrade(socket, { status: 404, code: 'not_found', message: 'No socket here.' });
	});
	server.listen(settings.port, settings.host);
	await once(server, 'listening');
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : settings.port;

	return {
		port,
		url: settings.origin ?? `http://localhost:${port}`,
		async close() {
			const closed = once(server, 'close');
			server.close();
			// A connection whose last answer ends later on would be kept alive for the next request.
			const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_INTERVAL_MS);
			const deadline = setTimeout(
				() => server.closeAllConnections(),
				settings.shutdownSeconds * 1000
			);
			await coordinator.close();
			await closed;
			clearTimeout(deadline);
			clearInterval(sweep);
		}
	};
}
