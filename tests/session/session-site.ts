import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import { CHROMIUM_ARGS, chromiumPath } from '../../scripts/chromium.ts';
import { buildIfStale } from '../../scripts/pages.ts';
import { CACHE, ROOT } from '../../scripts/root.ts';
import { CoordinatorProcess } from '../support/coordinator-process.ts';
import { makeTestModels, TEST_MODELS_DIR } from '../support/test-models.ts';

async function ownCoordinator(): Promise<CoordinatorProcess> {
	makeTestModels();
	await buildIfStale();
	return CoordinatorProcess.start({ MODELS_DIR: TEST_MODELS_DIR });
}

/** A coordinator, the harness page on the same origin by proxy, and a browser to open it in. */
export class SessionSite {
	readonly coordinator: CoordinatorProcess;
	readonly #owned: (() => Promise<void>)[] = [];
	readonly #browser: Browser;
	readonly #url: string;

	private constructor(coordinator: CoordinatorProcess, vite: ViteDevServer, browser: Browser) {
		this.coordinator = coordinator;
		this.#browser = browser;
		this.#url = `${vite.resolvedUrls?.local[0] ?? ''}session-page.html`;
	}

	/** @param parts a coordinator and a browser that somebody else closes; made here otherwise */
	static async open(
		parts: { coordinator?: CoordinatorProcess; browser?: Browser } = {}
	): Promise<SessionSite> {
		const coordinator = parts.coordinator ?? (await ownCoordinator());
		const proxy = { target: coordinator.url, changeOrigin: false };
		const vite = await createServer({
			configFile: false,
			root: fileURLToPath(new URL('.', import.meta.url)),
			cacheDir: `${CACHE}/vite-bench`,
			logLevel: 'error',
			worker: { format: 'es' },
			// Found late, they would be bundled anew under the feet of a page that is loading them.
			optimizeDeps: { include: ['buffer/', '@ton/core', '@ton/crypto', '@ton/ton'] },
			server: {
				port: 0,
				hmr: false,
				watch: null,
				fs: { allow: [ROOT] },
				proxy: { '/api': proxy, '/models': proxy, '/peerjs': { ...proxy, ws: true } }
			}
		});
		await vite.listen();
		const browser =
			parts.browser ??
			(await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS }));
		const site = new SessionSite(coordinator, vite, browser);
		if (!parts.browser) site.#owned.push(() => browser.close());
		site.#owned.push(() => vite.close());
		if (!parts.coordinator) site.#owned.push(() => coordinator.stop());
		return site;
	}

	/** The harness in a browser context of its own: another person's browser. */
	async newPage(): Promise<Page> {
		const context = await this.#browser.newContext();
		const page = await context.newPage();
		page.on('pageerror', (error) => console.error(error));
		page.on('console', (message) => {
			if (message.type() === 'error') console.error(message.text());
		});
		await page.goto(this.#url);
		await page.waitForFunction(() => 'session' in window, null, { timeout: 30_000 });
		return page;
	}

	async close(): Promise<void> {
		for (const closeOne of this.#owned) await closeOne();
	}
}
