/** The module worker's entry. Engines are imported here and only here, when one is asked for. */
import { expose } from 'comlink';
import type { EngineFailure } from '../protocol/generation.ts';
import { InferenceHost, type MakeEngine } from './inference-host.ts';

/** What the worker says unasked, on the port that `listen` gave it. */
export interface InferenceWorkerApi extends Pick<
	InferenceHost,
	'ping' | 'load' | 'generate' | 'unload'
> {
	listen(port: MessagePort): void;
}

const makeEngine: MakeEngine = async (name, onFailure) => {
	switch (name) {
		case 'wllama': {
			const { WllamaEngine } = await import('./wllama-engine.ts');
			return new WllamaEngine(onFailure);
		}
		case 'webllm': {
			const { WebllmEngine } = await import('./webllm-engine.ts');
			return new WebllmEngine(onFailure);
		}
	}
};

let failurePort: MessagePort | null = null;
const host = new InferenceHost(makeEngine, (failure: EngineFailure) =>
	failurePort?.postMessage(failure)
);

const api: InferenceWorkerApi = {
	listen: (port) => {
		failurePort = port;
	},
	ping: () => host.ping(),
	load: (model, options, port) => host.load(model, options, port),
	generate: (request, port) => host.generate(request, port),
	unload: () => host.unload()
};

expose(api);
