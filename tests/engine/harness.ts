/** The page that the engine tests run in: the product's client, and hands to drive it with. */
import {
	EngineError,
	type EngineFailure,
	type GenerateRequest
} from '../../src/lib/protocol/generation.ts';
import type { LoadOptions } from '../../src/lib/worker/engine.ts';
import type { ModelEntry } from '../../src/lib/models/model-entry.ts';
import { InferenceClient, type LoadResult } from '../../src/lib/worker/inference-client.ts';
import { conformance, generate, type Answer, type Setup } from './conformance.ts';

/** `?ping=MS` so that a test of a silent worker need not wait long. */
const ping = new URLSearchParams(location.search).get('ping');
const client = new InferenceClient(ping === null ? {} : { pingEveryMs: Number(ping) });
const failures: EngineFailure[] = [];
client.onFailure((failure) => failures.push(failure));

const harness = {
	failures,
	runCase(name: string, setup: Setup): Promise<string> {
		const run = conformance[name];
		if (run === undefined) throw new Error(`no case is called ${name}`);
		return run({ ...setup, client });
	},
	load(model: ModelEntry, options: LoadOptions): Promise<LoadResult> {
		return client.load(model, options, () => {}, new AbortController().signal);
	},
	/** An answer, or the failure in its place. */
	async generate(setup: Setup, request: GenerateRequest): Promise<Answer | EngineFailure> {
		try {
			return await generate({ ...setup, client }, request);
		} catch (error) {
			if (error instanceof EngineError) return error.failure;
			throw error;
		}
	}
};

export type EngineHarness = typeof harness;
declare global {
	interface Window {
		engineHarness: EngineHarness;
	}
}
window.engineHarness = harness;
