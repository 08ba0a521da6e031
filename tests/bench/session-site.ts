import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import { CHROMIUM_ARGS, chromiumPath } from '../../scripts/chromium.ts';
import { buildIfStale } from '../../scripts/pages.ts';
import { CACHE, ROOT } from '../../scripts/root.ts';
import { CoordinatorProcess } from '../support/coordinator-process.ts';
import { makeTestModels, TEST_MODELS_DIR } from '../support/test-models.ts';

/** A coordinator, the harness page on the same origin by proxy, and a browser to open it in. */
export class SessionSite {
	readonly coordinator: CoordinatorProcess;
	readonly #vite: ViteDevServer;
	readonly #browser: Browser;
	readonly #url: string;

	private constructor(coordinator: CoordinatorProcess, vite: ViteDevServer, browser: Browser) {
		this.coordinator = coordinator;
		this.#vite = vite;
		this.#browser = browser;
		this.#url = `${vite.resolvedUrls?.local[0] ?? ''}session-page.html`;
	}

	static async open(): Promise<SessionSite> {
		makeTestModels();
		await buildIfStale();
		const coordinator = await CoordinatorProcess.start({
			MODELS_DIR: TEST_MODELS_DIR,
			LOG_LEVEL: 'info'
		});
		const proxy = { target: coordinator.url, changeOrigin: false };
		const vite = await createServer({
			configFile: false,
			root: fileURLToPath(new URL('.', import.meta.url)),
			cacheDir: `${CACHE}/vite-bench`,
			logLevel: 'error',
			worker: { format: 'es' },
			server: {
				port: 0,
				hmr: false,
				watch: null,
				fs: { allow: [ROOT] },
				proxy: { '/api': proxy, '/models': proxy, '/peerjs': { ...proxy, ws: true } }
			}
		});
		await vite.listen();
		const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
		return new SessionSite(coordinator, vite, browser);
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
		await this.#browser.close();
		await this.#vite.close();
		await this.coordinator.stop();
	}
}
