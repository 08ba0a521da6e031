import { expect } from 'playwright/test';
import { openStore, test } from './artifact-test.ts';

test('a browser with a software GPU tells its limits', async ({ store }) => {
	const device = await store.evaluate(() => window.harness.readDevice());
	expect(device).toMatchObject({
		webgpu: { f16: false },
		webgpuAbsence: null,
		isolated: false,
		jspi: true,
		memory64: true,
		ed25519: true,
		isMobile: false
	});
	expect(device.webgpu?.maxBufferBytes).toBeGreaterThanOrEqual(256 * 1024 ** 2);
	expect(device.webgpu?.maxStorageBuffers).toBeGreaterThanOrEqual(8);
	expect(device.cores).toBeGreaterThan(0);
	expect(device.memoryBytes).toBeGreaterThan(0);
	expect(device.storage?.quotaBytes).toBeGreaterThan(0);
});

test('a browser without a GPU says why', async ({ playwright, launchOptions, site }) => {
	const args = (launchOptions.args ?? []).filter((arg) => !arg.includes('webgpu'));
	const browser = await playwright.chromium.launch({ ...launchOptions, args });
	const page = await openStore(await browser.newContext(), site.origin);
	const device = await page.evaluate(() => window.harness.readDevice());
	expect(device).toMatchObject({ webgpu: null, webgpuAbsence: { kind: 'no_adapter' } });
	await browser.close();
});

test('a GPU request that fails or never answers is told', async ({ context, site }) => {
	const page = await openStore(context, site.origin);
	const readWith = (requestAdapter: string) =>
		page.evaluate((code) => {
			Object.defineProperty(GPU.prototype, 'requestAdapter', {
				configurable: true,
				value: new Function(`return ${code}`)
			});
			return window.harness.readDevice();
		}, requestAdapter);
	expect(await readWith(`Promise.reject(new Error('driver'))`)).toMatchObject({
		webgpu: null,
		webgpuAbsence: { kind: 'failed', message: 'driver' }
	});
	expect(await readWith('new Promise(() => {})')).toMatchObject({
		webgpu: null,
		webgpuAbsence: { kind: 'failed', message: 'no answer in time' }
	});
});
