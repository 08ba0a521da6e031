import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';
import { build, preview, type PreviewServer } from 'vite';
import { CoordinatorProcess } from '../support/coordinator-process.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

let outDir: string;
let coordinator: CoordinatorProcess;
let site: PreviewServer;
test.beforeAll(async () => {
	outDir = mkdtempSync(join(tmpdir(), 'mulberry-page-'));
	coordinator = await CoordinatorProcess.start({ DEVNET_BLOCK_MS: '300' });
	const shared = { configFile: false, root, logLevel: 'error' } as const;
	await build({ ...shared, build: { outDir, emptyOutDir: true } });
	const proxy = { '/api': { target: coordinator.url } };
	site = await preview({ ...shared, build: { outDir }, preview: { port: 0, proxy } });
});
test.afterAll(async () => {
	await site.close();
	await coordinator.stop();
	rmSync(outDir, { recursive: true });
});

test('a built page pays from a wallet with the real client, without anything of Node', async ({
	page
}) => {
	const errors: unknown[] = [];
	page.on('pageerror', (error) => errors.push(error));
	await page.goto(site.resolvedUrls?.local[0] ?? '');
	await page.waitForFunction(() => 'pay' in window);
	const report = await page.evaluate(() => window.pay('1000000000'));
	expect(report).toMatchObject({
		...{ network: 'devnet', hadBuffer: false },
		...{ receivedNano: '1000000000', transactions: 2 }
	});
	const paidNano = 5_000_000_000n - 1_000_000_000n - BigInt(report.balanceNano);
	expect(paidNano).toBeGreaterThan(500_000n);
	expect(paidNano).toBeLessThan(2_000_000n);
	expect(errors).toEqual([]);
});
