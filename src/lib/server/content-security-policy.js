import { createHash } from 'node:crypto';

/**
 * What a page may load and talk to. Kit adds the nonces and hashes of its own inline scripts.
 *
 * - `wasm-unsafe-eval`: both engines compile WebAssembly; `eval` itself stays forbidden.
 * - `worker-src blob:`: wllama starts its worker from a blob.
 * - `connect-src`: our own origin (in Chromium `'self'` covers ws: and wss: too), and the hosts that
 *   the catalogue's models are downloaded from. On testnet and mainnet the bridges of the listed wallets
 *   are added, see `withBridges`.
 * - the only style attribute allowed is that of Kit's route announcer.
 */

/** Hosts that model files come from; Hugging Face redirects large files to the two after it. */
const MODEL_HOSTS = /** @type {const} */ ([
	'https://huggingface.co',
	'https://*.huggingface.co',
	'https://*.hf.co',
	'https://*.xethub.hf.co',
	'https://raw.githubusercontent.com'
]);

/** In `write_root.js` of @sveltejs/kit. */
export const ANNOUNCER_STYLE =
	'position: absolute; left: 0; top: 0; clip: rect(0 0 0 0); clip-path: inset(50%); overflow: hidden; white-space: nowrap; width: 1px; height: 1px';

/** @param {string} text */
function hashOf(text) {
	const hash = createHash('sha256').update(text).digest('base64');
	return /** @type {const} */ (`sha256-${hash}`);
}

/** @type {NonNullable<NonNullable<import('@sveltejs/kit').KitConfig['csp']>['directives']>} */
const directives = {
	'default-src': ['self'],
	'script-src': ['self', 'wasm-unsafe-eval'],
	'worker-src': ['self', 'blob:'],
	'connect-src': ['self', ...MODEL_HOSTS],
	'img-src': ['self', 'data:'],
	'style-src': ['self'],
	'style-src-attr': ['unsafe-hashes', hashOf(ANNOUNCER_STYLE)],
	'object-src': ['none'],
	'base-uri': ['none'],
	'frame-ancestors': ['none'],
	'form-action': ['self']
};

/** @type {import('@sveltejs/kit').KitConfig['csp']} */
export const contentSecurityPolicy = { mode: 'auto', directives };

/** For the scripts of workers: nothing but code of ours, the engines' own workers and the models. */
export const workerContentSecurityPolicy = [
	"default-src 'none'",
	"script-src 'self' 'wasm-unsafe-eval' blob:",
	"worker-src 'self' blob:",
	`connect-src 'self' ${MODEL_HOSTS.join(' ')}`
].join('; ');

/**
 * The policy of one answer, with what the network's wallets need: messages to and from a wallet on a
 * phone go through its maker's bridge. The network is known when the coordinator starts, not at build.
 *
 * @param {string} policy
 * @param {readonly string[]} bridges
 */
export function withBridges(policy, bridges) {
	return bridges.length === 0
		? policy
		: policy.replace(/(^|; *)connect-src [^;]*/, (found) => `${found} ${bridges.join(' ')}`);
}
