import { expect } from 'playwright/test';
import { alterStored, call, modelFile, openStore, sha256, test } from './artifact-test.ts';
import { patternBytes } from './file-source.ts';

const MIB = 1024 * 1024;
const bytes = patternBytes(3 * MIB);
const good = { ok: true, sha256: sha256(bytes), blobSha256: sha256(bytes), stored: true };

let nextFile = 0;
const newPath = () => `/models/${nextFile++}.gguf`;

test('a file is downloaded once, and then given from the disk', async ({ store, site }) => {
	const path = newPath();
	site.source.put(path, bytes);
	const file = modelFile(path, bytes);
	const first = await call(store, { file });
	expect(first).toMatchObject(good);
	expect(first.progress.at(-1)).toEqual([bytes.length, bytes.length, 'download']);

	await store.reload();
	await store.waitForFunction(() => 'harness' in window);
	const second = await call(store, { file });
	expect(second).toMatchObject(good);
	expect(second.progress).toEqual([[bytes.length, bytes.length, 'verify']]);
	expect(site.source.rangesOf(path)).toEqual([null]);
	expect(await store.evaluate(() => window.harness.list())).toEqual([
		{
			url: path,
			path: 'model.gguf',
			storedBytes: bytes.length,
			totalBytes: bytes.length,
			sha256: sha256(bytes)
		}
	]);
	const use = await store.evaluate(() => window.harness.storageUse());
	expect(use?.usedBytes).toBeGreaterThanOrEqual(bytes.length);
});

for (const where of ['same origin', 'another origin'] as const) {
	test(`a download broken off goes on where it stopped (${where})`, async ({ store, site }) => {
		const path = newPath();
		site.source.put(path, bytes, {
			script: [{ breakAfterBytes: MIB }, { breakAfterBytes: MIB }]
		});
		const url = where === 'same origin' ? path : site.elsewhere + path;
		expect(await call(store, { file: modelFile(url, bytes, false) })).toMatchObject(good);
		const [first, second = 0, third = 0] = site.source.startsOf(path);
		expect(first).toBe(0);
		expect(second).toBeGreaterThan(0);
		expect(third).toBeGreaterThanOrEqual(second);
	});
}

test('a download whose worker was killed goes on after a reload', async ({ store, site }) => {
	const path = newPath();
	site.source.put(path, bytes, { script: [{ stallAfterBytes: 2 * MIB }] });
	const file = modelFile(path, bytes, false);
	const killed = await call(store, { file }, { killAtBytes: 1 });
	expect(killed).toMatchObject({ ok: false, kind: 'killed' });

	await store.reload();
	await store.waitForFunction(() => 'harness' in window);
	const [left] = await store.evaluate(() => window.harness.list());
	expect(left).toMatchObject({ url: path, totalBytes: bytes.length, sha256: null });
	expect(left?.storedBytes).toBeGreaterThan(0);
	expect(await call(store, { file })).toMatchObject(good);
	expect(site.source.rangesOf(path)).toEqual([null, `bytes=${left?.storedBytes}-`]);
});

test('a new worker goes on at once where one was killed', async ({ store, site }) => {
	const path = newPath();
	site.source.put(path, bytes, { script: [{ stallAfterBytes: MIB }] });
	const file = modelFile(path, bytes);
	await call(store, { file }, { killAtBytes: 1 });
	expect(await call(store, { file })).toMatchObject(good);
	expect(site.source.startsOf(path)[1]).toBeGreaterThan(0);
});

test('a cancelled download says so and keeps what came', async ({ store, site }) => {
	const path = newPath();
	site.source.put(path, bytes, { script: [{ stallAfterBytes: MIB }] });
	const file = modelFile(path, bytes);
	const cancelled = await call(store, { file }, { abortAtBytes: 1 });
	expect(cancelled).toMatchObject({ ok: false, kind: 'cancelled' });
	const [left] = await store.evaluate(() => window.harness.list());
	expect(await call(store, { file })).toMatchObject(good);
	expect(left?.storedBytes).toBeGreaterThan(0);
	expect(site.source.rangesOf(path)).toEqual([null, `bytes=${left?.storedBytes}-`]);
});

test('a file that changed at its source in between is fetched anew', async ({ store, site }) => {
	const path = newPath();
	site.source.put(path, patternBytes(3 * MIB, 9), { script: [{ stallAfterBytes: MIB }] });
	const file = modelFile(path, bytes, false);
	await call(store, { file }, { abortAtBytes: 1 });
	site.source.put(path, bytes, { etag: '"2"' });
	expect(await call(store, { file })).toMatchObject(good);
});

test('altered bytes are refused with both hashes, and can be fetched again', async ({
	store,
	site
}) => {
	const path = newPath();
	const altered = bytes.slice();
	altered[MIB] = (altered[MIB] ?? 0) ^ 1;
	site.source.put(path, altered);
	const file = modelFile(path, bytes);
	const refused = await call(store, { file });
	expect(refused).toMatchObject({ ok: false, kind: 'hash_mismatch' });
	expect(refused.ok || refused.message).toContain(sha256(bytes));
	expect(refused.ok || refused.message).toContain(sha256(altered));
	expect(await store.evaluate(() => window.harness.list())).toEqual([]);

	site.source.put(path, bytes);
	expect(await call(store, { file })).toMatchObject(good);
});

test('a file cut short is refused with both hashes, and can be fetched again', async ({
	store,
	site
}) => {
	const path = newPath();
	const cut = bytes.slice(0, MIB);
	site.source.put(path, cut);
	const file = modelFile(path, bytes);
	const refused = await call(store, { file });
	expect(refused).toMatchObject({ ok: false, kind: 'hash_mismatch' });
	expect(refused.ok || refused.message).toContain(sha256(bytes));
	expect(refused.ok || refused.message).toContain(sha256(cut));
	site.source.put(path, bytes);
	expect(await call(store, { file })).toMatchObject(good);
});

test('a small stored file that was altered is noticed and removed', async ({ store, site }) => {
	const path = newPath();
	site.source.put(path, bytes);
	const file = modelFile(path, bytes, false);
	await call(store, { file });
	await alterStored(store);
	expect(await call(store, { file })).toMatchObject({ ok: false, kind: 'hash_mismatch' });
	expect(await call(store, { file })).toMatchObject(good);
});

// On a disk: the file system that private windows keep in memory does not tell when it was written.
test('a large stored file is trusted by its time of writing', async ({
	playwright,
	launchOptions,
	site
}, testInfo) => {
	const profile = testInfo.outputPath('profile');
	const context = await playwright.chromium.launchPersistentContext(profile, launchOptions);
	const store = await openStore(context, site.origin);
	const path = newPath();
	const large = patternBytes(65 * MIB);
	site.source.put(path, large);
	const file = modelFile(path, large, false);
	expect(await call(store, { file })).toMatchObject({ ok: true, sha256: sha256(large) });

	const again = await call(store, { file });
	expect(again).toMatchObject({ ok: true, sha256: sha256(large) });
	// Not read again.
	expect(again.progress).toEqual([]);

	await alterStored(store);
	const refused = await call(store, { file });
	expect(refused).toMatchObject({ ok: false, kind: 'hash_mismatch' });
	await context.close();
});

test('a stored file is fetched anew when the catalogue pins another hash', async ({
	store,
	site
}) => {
	const path = newPath();
	const old = patternBytes(MIB, 3);
	site.source.put(path, old);
	expect(await call(store, { file: modelFile(path, old) })).toMatchObject({ ok: true });
	site.source.put(path, bytes);
	expect(await call(store, { file: modelFile(path, bytes) })).toMatchObject(good);
});

test('two tabs that want one file download it once', async ({ store, site, context }) => {
	const path = newPath();
	site.source.put(path, bytes);
	const other = await openStore(context, site.origin);
	const file = modelFile(path, bytes);
	const outcomes = await Promise.all([call(store, { file }), call(other, { file })]);
	expect(outcomes).toMatchObject([good, good]);
	expect(site.source.rangesOf(path)).toEqual([null]);
});

test('a file is deleted, but not while it is being downloaded', async ({
	store,
	site,
	context
}) => {
	const path = newPath();
	site.source.put(path, bytes, { script: [{ stallAfterBytes: MIB }] });
	const file = modelFile(path, bytes);
	const other = await openStore(context, site.origin);
	const ended = call(other, { file }).catch(() => 'closed');
	await expect
		.poll(() => store.evaluate(() => window.harness.list()))
		.toMatchObject([{ storedBytes: MIB }]);
	const remove = () => store.evaluate((url) => window.harness.remove(url), path);
	expect(await remove()).toBe('in_use');
	await other.close();
	expect(await ended).toBe('closed');
	await expect.poll(remove).toBe('deleted');
	expect(await store.evaluate(() => window.harness.list())).toEqual([]);
});

for (const hideLength of [false, true]) {
	const size = hideLength ? 'unknown' : 'known';
	test(`full storage is named (${size} size), and with room it goes on`, async ({
		store,
		site
	}) => {
		const path = newPath();
		const large = patternBytes(12 * MIB);
		site.source.put(path, large, { script: [{ hideLength }] });
		const devtools = await store.context().newCDPSession(store);
		const quota = (quotaSize?: number) =>
			devtools.send('Storage.overrideQuotaForOrigin', {
				origin: site.origin,
				...(quotaSize !== undefined && { quotaSize })
			});
		await quota(8 * MIB);
		const file = modelFile(path, large, false);
		expect(await call(store, { file })).toMatchObject({ ok: false, kind: 'storage_full' });
		await quota();
		expect(await call(store, { file })).toMatchObject({ ok: true, sha256: sha256(large) });
		expect(site.source.startsOf(path).at(-1)).toBeGreaterThan(0);
	});
}

test('a source that is gone is named with its status', async ({ store }) => {
	const missing = await call(store, { file: modelFile('/models/none.gguf', bytes) });
	expect(missing).toMatchObject({ ok: false, kind: 'download_failed' });
	expect(missing.ok || missing.message).toContain('HTTP 404');
});

test('outside of a worker the file is held in memory, and that is said', async ({
	store,
	site
}) => {
	const path = newPath();
	site.source.put(path, bytes);
	const file = modelFile(path, bytes);
	expect(await store.evaluate((file) => window.harness.fetchInPage(file), file)).toEqual({
		stored: false
	});
});

test("a file lands in an engine's own cache, resumed and hashed", async ({ store, site }) => {
	const path = newPath();
	site.source.put(path, bytes, { script: [{ breakAfterBytes: MIB }] });
	const file = modelFile(site.elsewhere + path, bytes, false);
	const cacheName = 'webllm/model';
	expect(await call(store, { file, cacheName })).toMatchObject(good);
	// Kept once, not twice.
	expect(await store.evaluate(() => window.harness.list())).toEqual([]);
	expect(await call(store, { file, cacheName })).toMatchObject(good);
	const starts = site.source.startsOf(path);
	expect(starts).toHaveLength(2);
	expect(starts[1]).toBeGreaterThan(0);
});

test("an altered file in an engine's own cache is refused and removed", async ({ store, site }) => {
	const path = newPath();
	site.source.put(path, bytes);
	const file = modelFile(site.elsewhere + path, bytes);
	const cacheName = 'webllm/model';
	await store.evaluate(
		async ([cacheName, url]) => (await caches.open(cacheName)).put(url, new Response('altered')),
		[cacheName, file.url] as const
	);
	expect(await call(store, { file, cacheName })).toMatchObject({ kind: 'hash_mismatch' });
	expect(await call(store, { file, cacheName })).toMatchObject(good);
});
