/** Whether a model fits a device, and the reasons, with figures, for pages to put into words. */
import type { DeviceFacts, WebgpuAbsence, WebgpuFacts } from './device.ts';
import type { ModelEntry } from './model-entry.ts';

export { readDevice, type DeviceFacts, type WebgpuAbsence, type WebgpuFacts } from './device.ts';

/** As `Backend` of the engines; spelt out because models may not import them. */
export type FitBackend = 'webgpu' | 'wasm';

export type Reason =
	/** `unused`: there is a GPU, but the person chose the processor. */
	| { kind: 'no_webgpu'; absence: WebgpuAbsence | { kind: 'unused' } }
	/** The model computes in 16-bit floats, which this GPU or its driver lacks. */
	| { kind: 'no_f16' }
	| { kind: 'gpu_limit'; limit: 'storage_buffers' | 'workgroup_bytes'; needed: number; has: number }
	| { kind: 'buffer_too_small'; neededBytes: number; hasBytes: number }
	/** `hasBytes`: what a page can use of the machine's memory. */
	| { kind: 'memory'; neededBytes: number; hasBytes: number }
	/** More than WebAssembly can address for llama.cpp. */
	| { kind: 'wasm_memory'; neededBytes: number; hasBytes: number }
	| { kind: 'no_memory64' }
	| { kind: 'storage'; neededBytes: number; freeBytes: number }
	/* What follows are notes: the model fits, but. */
	/** It will run on the processor, slowly, and why. */
	| { kind: 'on_processor'; because: 'no_webgpu' | 'no_f16' | 'no_jspi' | 'emulated' }
	/** The page is not cross-origin isolated: one thread only. */
	| { kind: 'one_thread' }
	/** The browser does not say how much there is, or only that it is at least `atLeastBytes`. */
	| { kind: 'memory_unknown'; neededBytes: number; atLeastBytes: number | null }
	/** No browser says how much memory a graphics card has. */
	| { kind: 'gpu_memory_unknown'; neededBytes: number }
	| { kind: 'storage_unknown'; neededBytes: number }
	/** Phones and tablets end pages that use much memory. */
	| { kind: 'mobile'; neededBytes: number };

export type Fit =
	{ fits: true; backend: FitBackend; notes: Reason[] } | { fits: false; reasons: Reason[] };

const GIB = 1024 ** 3;
/** The system, the browser and the page itself need the rest. */
const USABLE_SHARE = 0.75;
/** Browsers reported at most 8 GiB for years; newer ones go on to 32. From here it is "at least". */
const MEMORY_CAP_BYTES = 8 * GIB;
/** Integrated and older graphics cards have this much to spare; above it there is doubt. */
const UNDOUBTED_GPU_BYTES = 2 * GIB;
const UNDOUBTED_MOBILE_BYTES = 1 * GIB;
/** `MAXIMUM_MEMORY` in wllama's build. */
const WASM_MEMORY_BYTES = 4 * GIB;
/** What web-llm's runtime asks every GPU for; it starts on none that has less. */
const WEBLLM_STORAGE_BUFFERS = 10;
const WEBLLM_WORKGROUP_BYTES = 32 * 1024;
/** It asks for the first; a GPU with less gives it the second, whatever it has in between. */
const WEBLLM_BINDING_BYTES = { large: GIB, small: GIB / 8 };

/**
 * Whether `model` can run on `device`.
 *
 * @param storedBytes what of the model is on this disk already
 */
export function checkFit(model: ModelEntry, device: DeviceFacts, storedBytes = 0): Fit {
	const { backend, reasons, notes } =
		model.engine === 'webllm' ? webllmBackend(model, device) : llamaBackend(model, device);
	const memory = checkMemory(model, device, backend);
	const storage = checkStorage(model, device, storedBytes);
	const all = [...reasons, ...memory.reasons, ...storage.reasons];
	if (all.length > 0) return { fits: false, reasons: all };
	return { fits: true, backend, notes: [...notes, ...memory.notes, ...storage.notes] };
}

/**
 * What to propose: the largest model that fits without a doubt. On the processor that is the largest
 * of up to a billion parameters, because larger ones answer too slowly to be of use to anybody. With
 * nothing beyond doubt it is the smallest that fits.
 */
export function largestThatFits(
	models: readonly ModelEntry[],
	device: DeviceFacts
): ModelEntry | null {
	const fitting = models
		.flatMap((model) => {
			const fit = checkFit(model, device);
			return fit.fits ? [{ model, fit }] : [];
		})
		.sort((a, b) => a.model.memoryBytes - b.model.memoryBytes);
	const best = fitting.findLast(
		({ model, fit }) =>
			!fit.notes.some(({ kind }) => DOUBTS.has(kind)) &&
			(fit.backend === 'webgpu' || model.parameters <= MAX_PROCESSOR_PARAMETERS)
	);
	return (best ?? fitting[0])?.model ?? null;
}

const DOUBTS = new Set<Reason['kind']>(['gpu_memory_unknown', 'mobile']);
/** Llama 3.2 1B, which has 1.23 billion, is the largest that is meant. */
const MAX_PROCESSOR_PARAMETERS = 1.3e9;

interface BackendChoice {
	backend: FitBackend;
	reasons: Reason[];
	notes: Reason[];
}

function webllmBackend(
	model: Extract<ModelEntry, { engine: 'webllm' }>,
	device: DeviceFacts
): BackendChoice {
	const { webgpu } = device;
	if (webgpu === null) {
		return { backend: 'webgpu', reasons: [noWebgpu(device)], notes: [] };
	}
	const reasons: Reason[] = [];
	if (model.needsF16 && !webgpu.f16) reasons.push({ kind: 'no_f16' });
	if (webgpu.maxStorageBuffers < WEBLLM_STORAGE_BUFFERS) {
		const needed = WEBLLM_STORAGE_BUFFERS;
		reasons.push({
			kind: 'gpu_limit',
			limit: 'storage_buffers',
			needed,
			has: webgpu.maxStorageBuffers
		});
	}
	if (webgpu.maxWorkgroupBytes < WEBLLM_WORKGROUP_BYTES) {
		const needed = WEBLLM_WORKGROUP_BYTES;
		reasons.push({
			kind: 'gpu_limit',
			limit: 'workgroup_bytes',
			needed,
			has: webgpu.maxWorkgroupBytes
		});
	}
	const hasBytes = webllmBufferBytes(webgpu);
	const neededBytes = model.bufferBytes ?? WEBLLM_BINDING_BYTES.small;
	if (neededBytes > hasBytes) reasons.push({ kind: 'buffer_too_small', neededBytes, hasBytes });
	return { backend: 'webgpu', reasons, notes: [] };
}

function webllmBufferBytes(webgpu: WebgpuFacts): number {
	const { large, small } = WEBLLM_BINDING_BYTES;
	const has = Math.min(webgpu.maxBindingBytes, webgpu.maxBufferBytes);
	return has >= large ? large : Math.min(has, small);
}

/** llama.cpp runs on either; where the GPU will not do, on the processor. */
function llamaBackend(model: ModelEntry, device: DeviceFacts): BackendChoice {
	const reasons: Reason[] = [];
	if (!device.memory64) reasons.push({ kind: 'no_memory64' });
	if (model.memoryBytes > WASM_MEMORY_BYTES) {
		const neededBytes = model.memoryBytes;
		reasons.push({ kind: 'wasm_memory', neededBytes, hasBytes: WASM_MEMORY_BYTES });
	}
	const because = whyProcessor(device);
	if (because === null) return { backend: 'webgpu', reasons, notes: [] };
	const notes: Reason[] = [{ kind: 'on_processor', because }];
	if (!device.isolated) notes.push({ kind: 'one_thread' });
	return { backend: 'wasm', reasons, notes };
}

function whyProcessor({ webgpu, jspi }: DeviceFacts) {
	if (webgpu === null) return 'no_webgpu';
	if (webgpu.isFallback) return 'emulated';
	if (!webgpu.f16) return 'no_f16';
	return jspi ? null : 'no_jspi';
}

function noWebgpu({ webgpuAbsence }: DeviceFacts): Reason {
	return { kind: 'no_webgpu', absence: webgpuAbsence ?? { kind: 'unused' } };
}

interface Findings {
	reasons: Reason[];
	notes: Reason[];
}

function checkMemory(model: ModelEntry, device: DeviceFacts, backend: FitBackend): Findings {
	const { memoryBytes: neededBytes } = model;
	const known = device.memoryBytes;
	const hasBytes = (known ?? 0) * USABLE_SHARE;
	if (known !== null && known < MEMORY_CAP_BYTES && neededBytes > hasBytes) {
		return { reasons: [{ kind: 'memory', neededBytes, hasBytes }], notes: [] };
	}
	const notes: Reason[] = [];
	if (neededBytes > hasBytes) {
		notes.push({ kind: 'memory_unknown', neededBytes, atLeastBytes: known });
	}
	if (backend === 'webgpu' && neededBytes > UNDOUBTED_GPU_BYTES) {
		notes.push({ kind: 'gpu_memory_unknown', neededBytes });
	}
	if (device.isMobile && neededBytes > UNDOUBTED_MOBILE_BYTES) {
		notes.push({ kind: 'mobile', neededBytes });
	}
	return { reasons: [], notes };
}

function checkStorage(model: ModelEntry, device: DeviceFacts, storedBytes: number): Findings {
	const neededBytes = Math.max(0, model.sizeBytes - storedBytes);
	if (neededBytes === 0) return { reasons: [], notes: [] };
	if (device.storage === null) {
		return { reasons: [], notes: [{ kind: 'storage_unknown', neededBytes }] };
	}
	const freeBytes = Math.max(0, device.storage.quotaBytes - device.storage.usedBytes);
	if (neededBytes <= freeBytes) return { reasons: [], notes: [] };
	return { reasons: [{ kind: 'storage', neededBytes, freeBytes }], notes: [] };
}
