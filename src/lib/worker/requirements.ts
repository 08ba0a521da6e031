/** What the engines need of the browser, asked before gigabytes are downloaded. */
import { EngineError } from '../protocol/generation.ts';

/**
 * Whether llama.cpp would find a GPU that it can use. It asks for `shader-f16` and needs JSPI to
 * wait for the GPU; without them it computes on the processor and says nothing, which must not pass
 * for a GPU.
 *
 * @throws EngineError `no_webgpu`
 */
export async function requireLlamaGpu(): Promise<void> {
	const adapter = await requireAdapter();
	if (!adapter.features.has('shader-f16')) {
		throw noWebGpu('This GPU or its driver has no 16-bit floats (shader-f16).');
	}
	if (!('Suspending' in WebAssembly)) {
		throw noWebGpu('This browser cannot wait for the GPU from WebAssembly (JSPI).');
	}
}

/** @throws EngineError `no_webgpu` */
export async function requireAdapter(): Promise<GPUAdapter> {
	if (!('gpu' in navigator)) throw noWebGpu('This browser has no WebGPU.');
	const adapter = await navigator.gpu.requestAdapter();
	if (adapter === null) throw noWebGpu('This browser gives no access to a GPU.');
	return adapter;
}

/**
 * Our build of llama.cpp addresses its memory with 64 bits. wllama has another for browsers that
 * cannot, at a third party's, which is not used.
 *
 * @throws EngineError `unsupported`
 */
export function requireMemory64(): void {
	// A module with one 64-bit memory: magic, version, memory section with limits flag 4.
	const module = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 5, 3, 1, 4, 1]);
	if (WebAssembly.validate(module)) return;
	throw new EngineError('unsupported', 'This browser has no 64-bit WebAssembly memory.');
}

const noWebGpu = (message: string) => new EngineError('no_webgpu', message);
