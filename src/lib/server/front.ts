import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import sirv from 'sirv';
import { pathOf } from './admission.ts';
import { writeCaller } from './caller-headers.ts';
import { writeSecurityHeaders } from './security-headers.ts';
import type { Settings } from './settings.ts';
import { guardStaticFiles } from './static-guard.ts';

export type Next = () => void;
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

const MODELS_PATH = '/models/';

/** What every HTTP request passes before Kit: security headers, caller, and an operator's models. */
export function createFront({ trustedProxyHops, modelsDir }: Settings, logger: Logger): Middleware {
	// `dev`: files are looked up when asked for, so a model can be added while the server runs.
	const serveModels = modelsDir === null ? null : sirv(modelsDir, { dev: true, etag: true });
	let isProxyKnown = trustedProxyHops > 0;

	return (req, res, next) => {
		if (!isProxyKnown && req.headers['x-forwarded-for'] !== undefined) {
			isProxyKnown = true;
			logger.warn(
				'requests come through a proxy, but TRUSTED_PROXY_HOPS is 0: everybody behind it counts as one address'
			);
		}
		const path = decodedPathOf(req);
		if (path === null) {
			res.statusCode = 400;
			return res.end();
		}
		writeCaller(req, trustedProxyHops);
		writeSecurityHeaders(path, res);
		guardStaticFiles(req, res);
		const isRead = req.method === 'GET' || req.method === 'HEAD';
		if (!serveModels || !isRead || !path.startsWith(MODELS_PATH) || path.includes('/.')) {
			return next();
		}
		const url = req.url;
		req.url = encodeURI(path.slice(MODELS_PATH.length - 1));
		serveModels(req, res, () => {
			if (url !== undefined) req.url = url;
			next();
		});
	};
}

/** The path as sirv will read it, so that `%2e` hides nothing; `null` where there is none. */
function decodedPathOf(req: IncomingMessage): string | null {
	try {
		return decodeURI(pathOf(req) ?? '%');
	} catch {
		return null;
	}
}
