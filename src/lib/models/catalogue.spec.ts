import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { webllmEntries } from '../../../scripts/generate-catalogue.ts';
import { catalogue, parseCatalogue } from './catalogue.ts';
import type { ModelEntry } from './model-entry.ts';
import webllmModels from './webllm-models.json' with { type: 'json' };

const json = () => JSON.parse(JSON.stringify(catalogue)) as { models: Record<string, unknown>[] };
/** wllama reads a file into one ArrayBuffer. */
const MAX_GGUF_BYTES = 2 ** 31;

describe('the built-in catalogue', () => {
	it('has the WebLLM entries that the pinned package gives', async () => {
		expect(webllmModels, 'run node scripts/generate-catalogue.ts').toEqual(await webllmEntries());
	});

	it('passes its own parser', () => {
		expect(parseCatalogue(json())).toEqual({ ok: true, value: catalogue });
	});

	it('has about a dozen models from under 0.5 to about 9 billion parameters on both engines', () => {
		const names = new Set(catalogue.models.map(({ name }) => name.replace(/ \(.*\)$/, '')));
		expect(names.size).toBeGreaterThanOrEqual(12);
		const parameters = catalogue.models.map((model) => model.parameters);
		expect(Math.min(...parameters)).toBeLessThan(0.5e9);
		expect(Math.max(...parameters)).toBe(9e9);
		for (const engine of ['webllm', 'wllama']) {
			expect(catalogue.models.filter((model) => model.engine === engine).length).toBeGreaterThan(4);
		}
	});

	it('begins with the model that comes with the pages, whose file is the one it pins', () => {
		const [first] = catalogue.models;
		if (first?.engine !== 'wllama') throw new Error('the first model is for llama.cpp');
		const file = readFileSync('static/models/mulberry-guide.gguf');
		expect(first).toMatchObject({ id: 'mulberry-guide', isBuiltIn: true, sizeBytes: file.length });
		expect(first.files[0]?.sha256).toBe(createHash('sha256').update(file).digest('hex'));
		expect(file.length).toBeLessThanOrEqual(8 * 1024 * 1024);
		expect(first.contextTokens).toBeGreaterThanOrEqual(512);
	});

	it('goes from small to large', () => {
		const sizes = catalogue.models.map(({ sizeBytes }) => sizeBytes);
		expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
	});

	it.each(catalogue.models.map((model): [string, ModelEntry] => [model.id, model]))(
		'%s has figures that can be true',
		(_, model) => {
			expect(model.sizeBytes).toBeGreaterThan(0);
			expect(model.memoryBytes).toBeGreaterThan(model.sizeBytes);
			const bitsPerWeight = (model.sizeBytes * 8) / model.parameters;
			expect(bitsPerWeight).toBeGreaterThan(4);
			// The vocabulary weighs something in a model of a few megabytes.
			expect(bitsPerWeight).toBeLessThan(model.isBuiltIn ? 10 : 9);
			expect(model.licence.url).toMatch(/^https:/);
		}
	);

	it('names a page for each hash, and no GGUF file too large for wllama', () => {
		for (const model of catalogue.models) {
			if (model.engine !== 'wllama') continue;
			expect(model.source).toMatch(model.isBuiltIn ? /^tools\// : /^https:/);
			expect(model.files.length).toBe(1);
			expect(model.sizeBytes).toBeLessThan(MAX_GGUF_BYTES);
		}
	});
});

describe('parseCatalogue', () => {
	it.each([
		['v', (it: ReturnType<typeof json>) => Object.assign(it, { v: 2 })],
		['models.0.sizeBytes', (it: ReturnType<typeof json>) => void (at(it, 0)['sizeBytes'] = -1)],
		['models.1.id', (it: ReturnType<typeof json>) => void (at(it, 1)['id'] = '../x')],
		['models.1.id', (it: ReturnType<typeof json>) => void (at(it, 1)['id'] = at(it, 0)['id'])],
		[
			'models.0.files.0.url',
			(it: ReturnType<typeof json>) =>
				void (at(it, 0)['files'] = [
					{ path: 'a.gguf', url: 'http://somewhere/a', sizeBytes: 0, sha256: null }
				])
		],
		[
			'models.0.files.0.url',
			(it: ReturnType<typeof json>) =>
				void (at(it, 0)['files'] = [
					{ path: 'a.gguf', url: '//somewhere/a', sizeBytes: 0, sha256: null }
				])
		]
	])('names %s when that is wrong', (field, spoil) => {
		const spoiled = json();
		spoil(spoiled);
		const parsed = parseCatalogue(spoiled);
		expect(parsed.ok || parsed.reason).toContain(`${field}: `);
	});

	it('never throws, and what it accepts it accepts again unchanged', () => {
		fc.assert(
			fc.property(fc.oneof(fc.anything(), fc.jsonValue()), (value) => {
				const parsed = parseCatalogue(value);
				if (parsed.ok) expect(parseCatalogue(parsed.value)).toEqual(parsed);
			})
		);
	});

	it('never throws on a catalogue with one value replaced', () => {
		const keys = Object.keys(at(json(), 0));
		fc.assert(
			fc.property(
				fc.nat(catalogue.models.length - 1),
				fc.constantFrom(...keys),
				fc.anything(),
				(index, key, value) => {
					const spoiled = json();
					at(spoiled, index)[key] = value;
					const parsed = parseCatalogue(spoiled);
					expect(parsed.ok || parsed.reason.length > 0).toBe(true);
				}
			)
		);
	});
});

function at(spoiled: { models: Record<string, unknown>[] }, index: number) {
	const entry = spoiled.models[index];
	if (entry === undefined) throw new Error(`no model ${index}`);
	return entry;
}
