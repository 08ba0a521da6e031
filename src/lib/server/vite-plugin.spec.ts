import { readFile } from 'node:fs/promises';
import { createServer, type ViteDevServer } from 'vite';
import { afterEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { connectRequester } from './testing/signalling-client.ts';
import { coordinatorInDev } from './vite-plugin.ts';

let vite: ViteDevServer | null = null;
afterEach(async () => {
	vi.unstubAllEnvs();
	await vite?.close();
});

async function startVite(): Promise<number> {
	vite = await createServer({
		configFile: false,
		plugins: [coordinatorInDev()],
		server: { host: '127.0.0.1', port: 0, watch: null },
		optimizeDeps: { noDiscovery: true },
		logLevel: 'error'
	});
	await vite.listen();
	const address = vite.httpServer?.address();
	return typeof address === 'object' && address !== null ? address.port : 0;
}

it('puts signalling on Vite’s own port and leaves hot reload to Vite', async () => {
	vi.stubEnv('VITEST', undefined);
	vi.stubEnv('LOG_LEVEL', 'silent');
	const port = await startVite();
	await expect(connectRequester(port)).resolves.toBeDefined();

	const token = vite?.config.webSocketToken ?? '';
	const hmr = new WebSocket(`ws://127.0.0.1:${port}/?token=${token}`, 'vite-hmr');
	const first = await new Promise<string>((resolve, reject) => {
		hmr.on('message', (data: Buffer) => resolve(data.toString()));
		hmr.on('error', reject);
	});
	hmr.close();
	expect(JSON.parse(first)).toMatchObject({ type: 'connected' });
});

it('does nothing in a test run', async () => {
	const port = await startVite();
	await expect(connectRequester(port)).rejects.toThrow('expected OPEN');
});

it('is cheap to import: it loads no package when the configuration does', async () => {
	const source = await readFile(new URL('vite-plugin.ts', import.meta.url), 'utf8');
	const loaded = [...source.matchAll(/^import (?!type)[^']*'([^']+)'/gm)].map(([, name]) => name);
	expect(loaded).toEqual(['node:path', 'node:url']);
});
