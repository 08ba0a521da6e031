/** One origin with the harness page and a scripted file source, and another with the source alone. */
import { createHash } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { test as base, type BrowserContext, type Page } from 'playwright/test';
import { createServer as createViteServer } from 'vite';
import { FileSource } from './file-source.ts';
import type { ModelFile } from '../../src/lib/models/model-entry.ts';
import type { Harness } from './harness.ts';
import type { Call, Outcome } from './harness-worker.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const top = fileURLToPath(new URL('../..', import.meta.url));

interface Site {
	origin: string;
	source: FileSource;
	elsewhere: string;
}

async function startSite(): Promise<Site & { close(): Promise<void> }> {
	const source = new FileSource();
	const elsewhere = await source.listen();
	const vite = await createViteServer({
		configFile: false,
		root: here,
		cacheDir: `${top}/.cache/vite-models-test`,
		logLevel: 'error',
		server: { middlewareMode: true, hmr: false, ws: false, watch: null, fs: { allow: [top] } },
		// Found while serving, it would reload the page in the middle of a test.
		optimizeDeps: { include: ['@noble/hashes/sha2.js', 'valibot'] }
	});
	const server = createHttpServer((request, response) => {
		if (request.url?.startsWith('/models/')) source.answer(request, response);
		else vite.middlewares(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		source,
		elsewhere,
		close: async () => {
			server.closeAllConnections();
			await Promise.all([vite.close(), source.close(), new Promise((done) => server.close(done))]);
		}
	};
}

export const test = base.extend<{ store: Page }, { site: Site }>({
	site: [
		// eslint-disable-next-line no-empty-pattern -- Playwright reads the pattern
		async ({}, use) => {
			const site = await startSite();
			await use(site);
			await site.close();
		},
		{ scope: 'worker' }
	],
	store: async ({ page, site }, use) => {
		await showHarness(page, site.origin);
		await use(page);
	}
});

/** Another tab with the harness. */
export async function openStore(context: BrowserContext, origin: string): Promise<Page> {
	const page = await context.newPage();
	await showHarness(page, origin);
	return page;
}

async function showHarness(page: Page, origin: string): Promise<void> {
	await page.goto(origin);
	await page.waitForFunction(() => 'harness' in window);
}

/** Changes a byte of every stored file behind the store's back. */
export async function alterStored(page: Page): Promise<void> {
	await page.evaluate(async () => {
		const root = await navigator.storage.getDirectory();
		const folder = await root.getDirectoryHandle('mulberry-models');
		for await (const name of folder.keys()) {
			if (!name.endsWith('.bin')) continue;
			const handle = await folder.getFileHandle(name);
			const writable = await handle.createWritable({ keepExistingData: true });
			await writable.write({ type: 'write', position: 5, data: new Uint8Array([0]) });
			await writable.close();
		}
	});
}

export function call(
	page: Page,
	call: Call,
	stop?: Parameters<Harness['call']>[1]
): Promise<Outcome> {
	return page.evaluate(([call, stop]) => window.harness.call(call, stop), [call, stop] as const);
}

export function sha256(bytes: Uint8Array): string {
	return createHash('sha256').update(bytes).digest('hex');
}

export function modelFile(url: string, bytes: Uint8Array, pinned = true): ModelFile {
	return {
		path: 'model.gguf',
		url,
		sizeBytes: pinned ? bytes.length : 0,
		sha256: pinned ? sha256(bytes) : null
	};
}
