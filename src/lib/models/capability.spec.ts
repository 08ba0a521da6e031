import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	checkFit,
	largestThatFits,
	type DeviceFacts,
	type Fit,
	type Reason,
	type WebgpuFacts
} from './capability.ts';
import { catalogue } from './catalogue.ts';
import type { ModelEntry } from './model-entry.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const gpu: WebgpuFacts = {
	vendor: 'acme',
	architecture: 'x1',
	isFallback: false,
	f16: true,
	maxBufferBytes: 2 * GIB,
	maxBindingBytes: 2 * GIB,
	maxWorkgroupBytes: 32 * 1024,
	maxStorageBuffers: 10
};

const desktop: DeviceFacts = {
	webgpu: gpu,
	webgpuAbsence: null,
	memoryBytes: 8 * GIB,
	storage: { quotaBytes: 20 * GIB, usedBytes: GIB },
	cores: 8,
	isolated: true,
	jspi: true,
	memory64: true,
	ed25519: true,
	isMobile: false,
	tellsBattery: true
};

const withGpu = (facts: Partial<WebgpuFacts>): DeviceFacts => ({
	...desktop,
	webgpu: { ...gpu, ...facts }
});

const common = {
	id: 'm',
	name: 'M',
	parameters: 1e9,
	sizeBytes: GIB,
	memoryBytes: 1.5 * GIB,
	contextTokens: 4096,
	licence: { name: 'MIT', url: 'https://a' },
	source: 'https://a',
	bytesPerToken: 4
};
const file = { path: 'a', url: '/models/a', sizeBytes: 0, sha256: null };
const webllm: ModelEntry = {
	...common,
	engine: 'webllm',
	webllmId: 'M',
	weightsUrl: 'https://a',
	library: file,
	needsF16: true,
	bufferBytes: 128 * MIB
};
const wllama: ModelEntry = { ...common, engine: 'wllama', files: [file] };

const reasons = (fit: Fit): Reason[] => (fit.fits ? [] : fit.reasons);
const notes = (fit: Fit): Reason[] => (fit.fits ? fit.notes : []);

describe('a WebLLM model', () => {
	it('fits a desktop with a GPU, without notes', () => {
		expect(checkFit(webllm, desktop)).toEqual({ fits: true, backend: 'webgpu', notes: [] });
	});

	it.each<[string, DeviceFacts, Reason]>([
		[
			'no WebGPU',
			{ ...desktop, webgpu: null, webgpuAbsence: { kind: 'no_adapter' } },
			{ kind: 'no_webgpu', absence: { kind: 'no_adapter' } }
		],
		[
			'the GPU not wanted',
			{ ...desktop, webgpu: null },
			{ kind: 'no_webgpu', absence: { kind: 'unused' } }
		],
		['no 16-bit floats', withGpu({ f16: false }), { kind: 'no_f16' }],
		[
			'too few storage buffers',
			withGpu({ maxStorageBuffers: 8 }),
			{ kind: 'gpu_limit', limit: 'storage_buffers', needed: 10, has: 8 }
		],
		[
			'too little workgroup memory',
			withGpu({ maxWorkgroupBytes: 16_384 }),
			{ kind: 'gpu_limit', limit: 'workgroup_bytes', needed: 32_768, has: 16_384 }
		],
		[
			'too small buffers',
			withGpu({ maxBindingBytes: 64 * MIB }),
			{ kind: 'buffer_too_small', neededBytes: 128 * MIB, hasBytes: 64 * MIB }
		],
		[
			'too little memory',
			{ ...desktop, memoryBytes: GIB },
			{ kind: 'memory', neededBytes: 1.5 * GIB, hasBytes: 0.75 * GIB }
		],
		[
			'too little storage',
			{ ...desktop, storage: { quotaBytes: 2 * GIB, usedBytes: 1.5 * GIB } },
			{ kind: 'storage', neededBytes: GIB, freeBytes: 0.5 * GIB }
		]
	])('does not fit for %s, and the figures are told', (_, device, reason) => {
		expect(checkFit(webllm, device)).toEqual({ fits: false, reasons: [reason] });
	});

	it('that computes in 32 bits needs no 16-bit floats', () => {
		expect(checkFit({ ...webllm, needsF16: false }, withGpu({ f16: false })).fits).toBe(true);
	});

	it('with large buffers needs the whole GiB that web-llm asks for', () => {
		const large = { ...webllm, bufferBytes: 200 * MIB };
		expect(reasons(checkFit(large, withGpu({ maxBindingBytes: 512 * MIB })))).toEqual([
			{ kind: 'buffer_too_small', neededBytes: 200 * MIB, hasBytes: 128 * MIB }
		]);
		expect(checkFit(large, withGpu({ maxBindingBytes: GIB })).fits).toBe(true);
	});

	it('is told all reasons at once', () => {
		const device = { ...withGpu({ f16: false }), memoryBytes: GIB };
		expect(reasons(checkFit(webllm, device)).map(({ kind }) => kind)).toEqual(['no_f16', 'memory']);
	});
});

describe('a GGUF model', () => {
	it.each<[string, DeviceFacts, 'webgpu' | 'wasm', Reason['kind'][]]>([
		['with a GPU', desktop, 'webgpu', []],
		['without one', { ...desktop, webgpu: null }, 'wasm', ['on_processor']],
		['with an emulated one', withGpu({ isFallback: true }), 'wasm', ['on_processor']],
		['without 16-bit floats', withGpu({ f16: false }), 'wasm', ['on_processor']],
		['without JSPI', { ...desktop, jspi: false }, 'wasm', ['on_processor']],
		[
			'without isolation',
			{ ...desktop, webgpu: null, isolated: false },
			'wasm',
			['on_processor', 'one_thread']
		]
	])('fits a device %s', (_, device, backend, kinds) => {
		const fit = checkFit(wllama, device);
		expect(fit).toMatchObject({ fits: true, backend });
		expect(notes(fit).map(({ kind }) => kind)).toEqual(kinds);
	});

	it('does not fit without 64-bit WebAssembly memory, or in it when it is too large', () => {
		expect(reasons(checkFit(wllama, { ...desktop, memory64: false }))).toEqual([
			{ kind: 'no_memory64' }
		]);
		expect(reasons(checkFit({ ...wllama, memoryBytes: 5 * GIB }, desktop))).toEqual([
			{ kind: 'wasm_memory', neededBytes: 5 * GIB, hasBytes: 4 * GIB }
		]);
	});
});

describe('what the browser does not tell', () => {
	it('is a note, not a refusal', () => {
		const firefox = { ...desktop, memoryBytes: null, storage: null };
		expect(checkFit(wllama, firefox)).toEqual({
			fits: true,
			backend: 'webgpu',
			notes: [
				{ kind: 'memory_unknown', neededBytes: 1.5 * GIB, atLeastBytes: null },
				{ kind: 'storage_unknown', neededBytes: GIB }
			]
		});
	});

	it('includes memory above the 8 GiB at which browsers stop counting', () => {
		const large = { ...webllm, memoryBytes: 7 * GIB };
		expect(notes(checkFit(large, desktop))).toEqual([
			{ kind: 'memory_unknown', neededBytes: 7 * GIB, atLeastBytes: 8 * GIB },
			{ kind: 'gpu_memory_unknown', neededBytes: 7 * GIB }
		]);
		expect(notes(checkFit(large, { ...desktop, memoryBytes: 16 * GIB }))).toEqual([
			{ kind: 'gpu_memory_unknown', neededBytes: 7 * GIB }
		]);
		expect(reasons(checkFit(large, { ...desktop, memoryBytes: 4 * GIB }))).toHaveLength(1);
	});

	it('includes when a phone will end the page', () => {
		const phone = { ...desktop, isMobile: true };
		expect(notes(checkFit(webllm, phone))).toEqual([{ kind: 'mobile', neededBytes: 1.5 * GIB }]);
	});
});

it('asks for no storage for what is stored already', () => {
	const full = { ...desktop, storage: { quotaBytes: GIB, usedBytes: GIB } };
	expect(checkFit(webllm, full).fits).toBe(false);
	expect(checkFit(webllm, full, GIB).fits).toBe(true);
	expect(reasons(checkFit(webllm, full, GIB / 2))).toEqual([
		{ kind: 'storage', neededBytes: GIB / 2, freeBytes: 0 }
	]);
});

describe('the proposal', () => {
	const { models } = catalogue;

	it('is the largest without a doubt on a GPU', () => {
		const model = largestThatFits(models, desktop);
		expect(model?.memoryBytes).toBeGreaterThan(1.5 * GIB);
		expect(model?.memoryBytes).toBeLessThanOrEqual(2 * GIB);
	});

	it('is of about a billion parameters on the processor', () => {
		const model = largestThatFits(models, { ...desktop, webgpu: null });
		expect(model).toMatchObject({ engine: 'wllama', parameters: 1.23e9 });
	});

	it('is the smallest where nothing is beyond doubt', () => {
		const large = [7, 6].map((gib): ModelEntry => ({
			...webllm,
			id: `m${gib}`,
			memoryBytes: gib * GIB
		}));
		expect(largestThatFits(large, desktop)?.id).toBe('m6');
	});

	it('is nothing where nothing fits', () => {
		expect(largestThatFits(models, { ...desktop, webgpu: null, memory64: false })).toBeNull();
		expect(largestThatFits([], desktop)).toBeNull();
	});

	it('always fits', () => {
		const amount = fc.option(fc.integer({ min: 0, max: 64 }).map((half) => (half / 2) * GIB));
		fc.assert(
			fc.property(amount, fc.boolean(), fc.boolean(), fc.boolean(), (memory, f16, gpu, phone) => {
				const facts = withGpu({ f16 });
				const device = {
					...facts,
					webgpu: gpu ? facts.webgpu : null,
					memoryBytes: memory,
					isMobile: phone
				};
				const model = largestThatFits(models, device);
				const fitting = models.filter((it) => checkFit(it, device).fits);
				if (model === null) expect(fitting).toEqual([]);
				else expect(fitting).toContain(model);
			})
		);
	});
});
