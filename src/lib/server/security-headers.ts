import type { ServerResponse } from 'node:http';
import { workerContentSecurityPolicy } from './content-security-policy.js';

/**
 * The pages are cross-origin isolated (COOP and COEP): only then do the engines get threads
 * (`SharedArrayBuffer`). Pages get their own content security policy from Kit.
 */
const HEADERS: Readonly<Record<string, string>> = {
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-embedder-policy': 'require-corp',
	'cross-origin-resource-policy': 'same-origin',
	'x-content-type-options': 'nosniff',
	'x-frame-options': 'DENY',
	'referrer-policy': 'no-referrer',
	'permissions-policy':
		'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()'
};

/** Where Kit's build puts the scripts of workers. */
const WORKERS_PATH = '/_app/immutable/workers/';

export function writeSecurityHeaders(path: string, res: ServerResponse): void {
	for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value);
	// A worker has the policy that its own script came with, not that of its page.
	if (path.startsWith(WORKERS_PATH)) {
		res.setHeader('content-security-policy', workerContentSecurityPolicy);
	}
}
