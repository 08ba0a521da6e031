import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, type Connect } from 'vite';
import { contentSecurityPolicy } from '../../src/lib/server/content-security-policy.js';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** The product's policy, for the page and its workers; Kit would add what its own inline script needs. */
const CONTENT_SECURITY_POLICY = Object.entries(contentSecurityPolicy?.directives ?? {})
	.map(([name, sources]) => `${name} ${quoted(sources)}`)
	.join('; ');

function quoted(sources: unknown): string {
	const keyword = /^(self|none|wasm-unsafe-eval|unsafe-hashes|sha256-.+)$/;
	return (Array.isArray(sources) ? sources : [])
		.map(String)
		.map((source) => (keyword.test(source) ? `'${source}'` : source))
		.join(' ');
}

/**
 * Serves the harness page with Vite alone, on a port that the system chooses.
 *
 * @param files answers requests under /models/
 * @param alias packages to take from elsewhere, by name
 * @returns the page's address and a function that ends the server
 */
export async function serveHarness(options: {
	files: Connect.NextHandleFunction;
	cacheDir: string;
	alias?: Record<string, string>;
}): Promise<{ url: string; close: () => Promise<void> }> {
	const server = await createServer({
		configFile: false,
		root: REPOSITORY,
		cacheDir: options.cacheDir,
		logLevel: 'error',
		resolve: { alias: options.alias ?? {} },
		worker: { format: 'es' },
		// Found late, a package would make Vite reload the page in the middle of a test.
		optimizeDeps: {
			noDiscovery: true,
			include: ['comlink', 'valibot', '@noble/hashes/sha2.js', '@wllama/wllama', '@mlc-ai/web-llm']
		},
		server: {
			host: 'localhost',
			port: 0,
			hmr: false,
			watch: null,
			headers: {
				'Content-Security-Policy': CONTENT_SECURITY_POLICY,
				'Cross-Origin-Opener-Policy': 'same-origin',
				'Cross-Origin-Embedder-Policy': 'require-corp'
			},
			fs: { strict: false }
		},
		plugins: [
			{
				name: 'model-files',
				configureServer: (vite) => void vite.middlewares.use('/models', options.files)
			}
		]
	});
	await server.listen();
	const [origin] = server.resolvedUrls?.local ?? [];
	if (origin === undefined) throw new Error('Vite gave no address');
	return {
		url: new URL('tests/engine/harness.html', origin).href,
		close: () => server.close()
	};
}
