import type { EngineFailure } from '../protocol/generation.ts';
import { toFailure } from './failure.ts';

/**
 * Watches every GPU device that is made in this worker: WebLLM keeps its device to itself and only
 * logs that it was lost.
 *
 * @param onFailure told of a lost device, or of memory that the GPU did not give
 * @returns stops watching
 */
export function watchGpuDevices(onFailure: (failure: EngineFailure) => void): () => void {
	const { requestDevice } = GPUAdapter.prototype;
	let isWatching = true;
	const tell = (failure: EngineFailure) => {
		if (isWatching) onFailure(failure);
	};
	GPUAdapter.prototype.requestDevice = async function (this: GPUAdapter, descriptor) {
		const device = await requestDevice.call(this, descriptor);
		void device.lost.then(({ reason, message }) => {
			// A device that was destroyed on purpose, by unloading, is no failure.
			if (reason === 'destroyed') return;
			const kind =
				toFailure(new Error(message)).kind === 'out_of_memory' ? 'out_of_memory' : 'device_lost';
			tell({ kind, message: `The GPU was lost: ${message}` });
		});
		device.addEventListener('uncapturederror', ({ error }) => {
			if (!(error instanceof GPUOutOfMemoryError)) return;
			tell({ kind: 'out_of_memory', message: `The GPU has too little memory: ${error.message}` });
		});
		return device;
	};
	return () => {
		isWatching = false;
		GPUAdapter.prototype.requestDevice = requestDevice;
	};
}
