import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pino, type Logger } from 'pino';
import { refuse } from '../answers.ts';
import { readCaller } from '../caller-headers.ts';
import { createCoordinator, type Coordinator } from '../coordinator.ts';
import type { Middleware } from '../front.ts';
import { listen, type RunningServer } from '../listen.ts';
import { readSettings, type Settings } from '../settings.ts';

export interface TestCoordinator extends RunningServer {
	coordinator: Coordinator;
	settings: Settings;
}

/**
 * A whole coordinator in this process, without Kit, on a port that the system chooses: the real
 * signalling, directory, limits and APIs over loopback. Its data goes when it closes, unless the caller
 * names a folder.
 *
 * @param pages answers what is neither an API nor a model; nothing does by default
 */
export async function startCoordinator(
	overrides: Partial<Settings> = {},
	pages?: Middleware,
	logger: Logger = pino({ level: 'silent' })
): Promise<TestCoordinator> {
	const ownDir = overrides.dataDir ? null : await mkdtemp(join(tmpdir(), 'mulberry-test-'));
	const settings: Settings = {
		...readSettings({ PORT: '0', SHUTDOWN_SECONDS: '1' }),
		...(ownDir ? { dataDir: ownDir } : {}),
		...overrides
	};
	const forget = async () => {
		if (ownDir) await rm(ownDir, { recursive: true, force: true });
	};
	const coordinator = await createCoordinator(settings, logger).catch(async (error: unknown) => {
		await forget();
		throw error;
	});
	const server = await listen(coordinator, (req, res, next) => {
		answerApi(coordinator, req, res, () => (pages ? pages(req, res, next) : next()));
	});
	return {
		...server,
		coordinator,
		settings,
		async close() {
			await server.close();
			await forget();
		}
	};
}

type Route = (parts: Coordinator, request: Request) => Response | Promise<Response>;

/** What the files in `src/routes` do, by method and path. */
const ROUTES: Readonly<Record<string, Route>> = {
	'GET /api/ice': ({ api }) => api.ice(),
	'POST /api/challenge': ({ api }) => api.challenge(),
	'GET /api/offers': ({ api }, { url }) => api.findOffers(new URL(url).searchParams),
	'POST /api/offers': ({ api }, request) => api.postOffer(request),
	'POST /api/offers/withdraw': ({ api }, request) => api.withdrawOffer(request),
	'GET /api/network': ({ api }) => api.network(),
	'GET /api/catalogue': ({ api }) => api.catalogue(),
	'POST /api/log/entries': ({ log }, request) => log.add(request),
	'GET /api/log/entries': ({ log }, { url }) => log.entries(new URL(url).searchParams),
	'GET /api/log/head': ({ log }) => log.head(),
	'GET /api/log/inclusion': ({ log }, { url }) => log.inclusion(new URL(url).searchParams),
	'GET /api/log/consistency': ({ log }, { url }) => log.consistency(new URL(url).searchParams),
	'GET /api/log/anchors': ({ log }) => log.anchors(),
	'GET /api/log/catalogues': ({ log }, { url }) => log.catalogues(new URL(url).searchParams),
	'GET /api/chain': ({ chain }) => chain.info(),
	'POST /api/chain/jsonRPC': ({ chain }, request) => chain.rpc(request),
	'POST /api/chain/faucet': ({ chain }, request) => chain.faucet(request),
	'POST /api/chain/advance': ({ chain }, request) => chain.advance(request),
	'POST /api/redeem': ({ redeem }, request) => redeem.post(request),
	'GET /api/redeem/HASH': ({ redeem }, { url }) => redeem.status(url.split('/').at(-1) ?? ''),
	'GET /api/wallets': ({ wallet }, request) => wallet.wallets(request),
	'GET /tonconnect-manifest.json': ({ wallet }, request) => wallet.manifest(request),
	'POST /api/proof/payload': ({ proof }) => proof.payload(),
	'POST /api/proof': ({ proof }, request) => proof.check(request),
	'GET /healthz': ({ api }) => api.health(),
	'GET /metrics': ({ api }, request) => api.metrics(request, readCaller(request).isLocal)
};

function answerApi(
	coordinator: Coordinator,
	req: IncomingMessage,
	res: ServerResponse,
	next: () => void
): void {
	const url = new URL(req.url ?? '/', 'http://localhost');
	const method = req.method ?? 'GET';
	const path = url.pathname.replace(/^(\/api\/redeem)\/[^/]+$/, '$1/HASH');
	const route = ROUTES[`${method} ${path}`];
	if (!route) return next();
	const request = new Request(url, {
		method,
		headers: Object.entries(req.headers).map(([name, value]) => [name, String(value)]),
		...(method === 'POST' ? { body: Readable.toWeb(req) as ReadableStream, duplex: 'half' } : {})
	});
	coordinator
		.around(request, path, () => route(coordinator, request))
		.catch(() => refuse({ status: 500, code: 'failed', message: 'The API failed.' }))
		.then(async (response) => {
			res.writeHead(response.status, Object.fromEntries(response.headers));
			res.end(await response.text());
		})
		.catch(() => res.destroy());
}
