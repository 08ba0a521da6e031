import type { ServerResponse } from 'node:http';
import { MANIFEST_ICON_PATH, MANIFEST_PATH } from '../chain/paths.ts';
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
/** What wallets show of this site, some of them in pages of their own. */
const FOR_OTHER_ORIGINS: ReadonlySet<string> = new Set([MANIFEST_PATH, MANIFEST_ICON_PATH]);

export function writeSecurityHeaders(path: string, res: ServerResponse): void {
	for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value);
	if (FOR_OTHER_ORIGINS.has(path)) res.setHeader('cross-origin-resource-policy', 'cross-origin');
	// A worker has the policy that its own script came with, not that of its page.
	if (path.startsWith(WORKERS_PATH)) {
		res.setHeader('content-security-policy', workerContentSecurityPolicy);
	}
}
