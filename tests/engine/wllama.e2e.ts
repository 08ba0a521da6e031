import { expect, test, type Page } from 'playwright/test';
import type { ModelEntry } from '../../src/lib/models/model-entry.ts';
import { makeTinyGguf, tinyCatalogue } from '../model/make-tiny-gguf.ts';
import { conformance, type Setup } from './conformance.ts';
import { openEnginePage, type EnginePage } from './engine-page.ts';

const tiny = makeTinyGguf(1);
const altered = Uint8Array.from(tiny);
altered[altered.length - 64] = (altered[altered.length - 64] ?? 0) ^ 1;

const model = tinyCatalogue(tiny).models[0] as Extract<ModelEntry, { engine: 'wllama' }>;
const at = (url: string): ModelEntry => ({
	...model,
	files: model.files.map((file) => ({ ...file, url }))
});

const setup: Setup = {
	model,
	options: { backend: 'wasm', contextTokens: 1024, threads: 1 },
	tokens: 40,
	unsupported: {
		sampling: { tools: [{ type: 'function', function: { name: 'pick' } }] },
		field: 'sampling.tools'
	}
};

const files: Record<string, Uint8Array> = { '/tiny.gguf': tiny, '/altered.gguf': altered };
let engine: EnginePage;
let page: Page;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
	engine = await openEnginePage(browser, files);
	page = engine.page;
});

test.afterAll(() => engine.close());

for (const name of Object.keys(conformance)) {
	test(`wllama on the processor: ${name}`, async () => {
		const saw = await page.evaluate(([name, setup]) => window.engineHarness.runCase(name, setup), [
			name,
			setup
		] as const);
		test.info().annotations.push({ type: 'saw', description: saw });
	});
}

test('a greedy answer of the test model goes on for 600 tokens of ASCII', async () => {
	const answer = await page.evaluate(
		(setup) =>
			window.engineHarness.generate(setup, {
				messages: [{ role: 'user', content: 'hi' }],
				sampling: { temperature: 0, max_tokens: 600 }
			}),
		setup
	);
	expect(answer).toMatchObject({ finish: 'length', usage: { completionTokens: 600 } });
	expect('text' in answer && /^[ -~]{600}$/.test(answer.text)).toBe(true);
});

test('a prompt that comes again is taken from the cache', async () => {
	const ask = () =>
		page.evaluate(
			(setup) =>
				window.engineHarness.generate(setup, {
					messages: [{ role: 'user', content: 'cache me' }],
					sampling: { temperature: 0, max_tokens: 2 }
				}),
			setup
		);
	await ask();
	const again = await ask();
	if (!('usage' in again)) throw new Error(JSON.stringify(again));
	expect(again.cachedPromptTokens).toBe(again.promptTokens - 1);
	expect(again.usage.cachedPromptTokens).toBe(again.cachedPromptTokens);
});

test('an altered model file is refused for its hash', async () => {
	const result = await page.evaluate(
		([model, options]) => window.engineHarness.load(model, options),
		[at('/models/altered.gguf'), setup.options] as const
	);
	expect(result).toMatchObject({ ok: false, failure: { kind: 'hash_mismatch' } });
});

test('a model file that is not there fails as a download', async () => {
	const result = await page.evaluate(
		([model, options]) => window.engineHarness.load(model, options),
		[at('/models/absent.gguf'), setup.options] as const
	);
	expect(result).toMatchObject({ ok: false, failure: { kind: 'download_failed' } });
});

test('a file that is no model fails as the engine’s, and the next load works', async () => {
	files['/broken.gguf'] = new TextEncoder().encode('GGUF'.repeat(1000));
	const broken = at('/models/broken.gguf') as typeof model;
	const unpinned = {
		...broken,
		files: broken.files.map((file) => ({ ...file, sha256: null, sizeBytes: 4000 }))
	};
	const load = (model: ModelEntry) =>
		page.evaluate(([model, options]) => window.engineHarness.load(model, options), [
			model,
			setup.options
		] as const);
	expect(await load(unpinned)).toMatchObject({ ok: false, failure: { kind: 'engine_failed' } });
	expect(await load(model)).toMatchObject({ ok: true });
});

test('WebGPU that llama.cpp cannot use is refused instead of computed on the processor', async () => {
	// Chromium's software adapter has no 16-bit floats.
	const result = await page.evaluate(
		([model, options]) => window.engineHarness.load(model, options),
		[model, { ...setup.options, backend: 'webgpu' }] as const
	);
	expect(result).toMatchObject({ ok: false, failure: { kind: 'no_webgpu' } });
});

const waysToDie = {
	'falls silent': () => self.close(),
	throws: () => void setTimeout(() => { throw new Error('struck by lightning'); }) // prettier-ignore
};

for (const [way, die] of Object.entries(waysToDie)) {
	test(`a worker that ${way} fails the call under way, and the next load starts another`, async () => {
		const load = () =>
			page.evaluate(([model, options]) => window.engineHarness.load(model, options), [
				model,
				setup.options
			] as const);
		expect(await load()).toMatchObject({ ok: true });
		const told = await page.evaluate(() => window.engineHarness.failures.length);
		const answer = page.evaluate(
			(setup) =>
				window.engineHarness.generate(setup, {
					messages: [{ role: 'user', content: 'hi' }],
					sampling: { temperature: 0, max_tokens: 900 }
				}),
			setup
		);
		const worker = page.workers().find((worker) => worker.url().includes('inference-worker'));
		await worker?.evaluate(die);
		expect(await answer).toMatchObject({ kind: 'worker_died' });
		const failures = await page.evaluate(() => window.engineHarness.failures);
		expect(failures.slice(told)).toMatchObject([{ kind: 'worker_died' }]);
		expect(await load()).toMatchObject({ ok: true });
	});
}
