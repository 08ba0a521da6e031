/** Gives the test a worker with the artifact store in it, as the product has it. */
import * as inPage from '../../src/lib/models/artifacts.ts';
import * as device from '../../src/lib/models/device.ts';
import * as storedInPage from '../../src/lib/models/stored-artifacts.ts';
import type { Call, Outcome, Reply } from './harness-worker.ts';

export interface Harness {
	/** A worker's answer; `abortAtBytes` cancels there, `killAtBytes` terminates the worker there. */
	call(call: Call, stop?: { abortAtBytes?: number; killAtBytes?: number }): Promise<Outcome>;
	fetchInPage(file: Parameters<typeof inPage.fetchArtifact>[0]): Promise<{ stored: boolean }>;
	list: typeof storedInPage.listStoredArtifacts;
	remove: typeof storedInPage.deleteArtifact;
	storageUse: typeof storedInPage.storageUse;
	readDevice: typeof device.readDevice;
}

declare global {
	interface Window {
		harness: Harness;
	}
}

window.harness = {
	call: (call, stop = {}) =>
		new Promise((resolve, reject) => {
			const worker = new Worker(new URL('./harness-worker.ts', import.meta.url), {
				type: 'module'
			});
			worker.onerror = (event) => reject(new Error(event.message));
			worker.onmessage = ({ data }: MessageEvent<Reply>) => {
				if (data.kind === 'done') {
					worker.terminate();
					resolve(data.outcome);
					return;
				}
				if (data.loadedBytes >= (stop.abortAtBytes ?? Infinity)) worker.postMessage('abort');
				if (data.loadedBytes >= (stop.killAtBytes ?? Infinity)) {
					worker.terminate();
					resolve({ ok: false, kind: 'killed', message: '', progress: [] });
				}
			};
			worker.postMessage(call);
		}),
	fetchInPage: async (file) => {
		const { stored } = await inPage.fetchArtifact(file, () => {}, new AbortController().signal);
		return { stored };
	},
	list: storedInPage.listStoredArtifacts,
	remove: storedInPage.deleteArtifact,
	storageUse: storedInPage.storageUse,
	readDevice: device.readDevice
};
