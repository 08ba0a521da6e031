import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright/test';
import { serveHarness } from './serve-harness.ts';

export interface EnginePage {
	page: Page;
	close: () => Promise<void>;
}

/**
 * Opens the harness page, with a client that soon takes a silent worker for dead.
 *
 * @param files served under /models, by path
 */
export async function openEnginePage(
	browser: Browser,
	files: Readonly<Record<string, Uint8Array>>
): Promise<EnginePage> {
	const harness = await serveHarness({
		cacheDir: join(tmpdir(), 'mulberry-engine-harness'),
		files: (request, response) => {
			const file = files[request.url ?? ''];
			response.statusCode = file === undefined ? 404 : 200;
			response.setHeader('Content-Type', 'application/octet-stream');
			response.end(file);
		}
	});
	const context = await browser.newContext();
	const page = await context.newPage();
	await page.goto(`${harness.url}?ping=300`);
	await page.waitForFunction(() => 'engineHarness' in window);
	return {
		page,
		close: async () => {
			await context.close();
			await harness.close();
		}
	};
}
