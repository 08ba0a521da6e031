import { describe, expect, it } from 'vitest';
import type { ModelEntry } from '../models/model-entry.ts';
import { EngineError, type EngineFailure, type GenerateEvent } from '../protocol/generation.ts';
import type { Engine } from './engine.ts';
import { InferenceHost } from './inference-host.ts';
import { Lifeline } from './lifeline.ts';
import { readStream } from './stream-port.ts';

const MODEL: ModelEntry = {
	id: 'scripted',
	name: 'Scripted',
	engine: 'wllama',
	parameters: 1,
	sizeBytes: 1,
	memoryBytes: 1,
	contextTokens: 128,
	licence: { name: 'MIT', url: '' },
	source: '',
	bytesPerToken: 1,
	files: [{ path: 'a', url: '/a', sizeBytes: 1, sha256: null }]
};
const OPTIONS = { backend: 'wasm', contextTokens: 128, threads: 1 } as const;
const REQUEST = { messages: [], sampling: { max_tokens: 3 } };

/** A host whose engine does as `script` says and writes a log. */
function host(script: Partial<Engine> = {}) {
	const log: string[] = [];
	const failures: EngineFailure[] = [];
	let fail = (_: EngineFailure) => {};
	const made = new InferenceHost(
		async (_, onFailure) => {
			fail = onFailure;
			return {
				name: 'wllama',
				version: '1',
				load: async () => ({ digest: 'digest', contextTokens: 128 }),
				unload: async () => void log.push('unload'),
				async *generate(request, signal): AsyncGenerator<GenerateEvent> {
					log.push('begin');
					yield { kind: 'prompt', promptTokens: 1, cachedPromptTokens: 0 };
					let tokens = 0;
					while (tokens < request.sampling.max_tokens && !signal.aborted) {
						await new Promise((resolve) => setTimeout(resolve, 1));
						tokens += 1;
						yield { kind: 'tokens', tokens: 1, text: 'a' };
					}
					log.push('end');
					const usage = { promptTokens: 1, completionTokens: tokens };
					yield { kind: 'end', finish: signal.aborted ? 'cancelled' : 'length', usage };
				},
				...script
			};
		},
		(failure) => failures.push(failure)
	);
	return { made, log, failures, fail: (failure: EngineFailure) => fail(failure) };
}

function load(made: InferenceHost) {
	const { port1, port2 } = new MessageChannel();
	const phases: string[] = [];
	port1.onmessage = ({ data }: MessageEvent<{ phase: string }>) => phases.push(data.phase);
	return { result: made.load(MODEL, OPTIONS, port2), phases, cancel: () => port1.postMessage('x') };
}

function generate(made: InferenceHost, maxTokens = 3) {
	const { port1, port2 } = new MessageChannel();
	void made.generate({ ...REQUEST, sampling: { max_tokens: maxTokens } }, port2);
	return readStream<GenerateEvent>(port1, new AbortController().signal, new Lifeline());
}

async function finishOf(events: AsyncIterable<GenerateEvent>): Promise<string> {
	let finish = 'none';
	for await (const event of events) if (event.kind === 'end') finish = event.finish;
	return finish;
}

describe('InferenceHost', () => {
	it('warms up and measures what it loaded', async () => {
		const { made } = host();
		const { result, phases } = load(made);
		expect(await result).toMatchObject({
			ok: true,
			model: { model: 'scripted', engine: 'wllama', digest: 'digest', contextTokens: 128 }
		});
		await expect.poll(() => phases).toEqual(['warm-up', 'benchmark']);
	});

	it('gives a failure to load as a value and frees the engine', async () => {
		const { made, log } = host({
			load: () => Promise.reject(new EngineError('storage_full', 'full'))
		});
		expect(await load(made).result).toEqual({
			ok: false,
			failure: { kind: 'storage_full', message: 'full' }
		});
		expect(log).toEqual(['unload']);
	});

	it('cancels a load', async () => {
		const { made } = host({
			load: (_model, _options, _onProgress, signal) =>
				new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
		});
		const { result, cancel } = load(made);
		cancel();
		expect(await result).toMatchObject({ ok: false, failure: { kind: 'cancelled' } });
	});

	it('generates one answer after the other', async () => {
		const { made, log } = host();
		await load(made).result;
		log.length = 0;
		await Promise.all([finishOf(generate(made)), finishOf(generate(made))]);
		expect(log).toEqual(['begin', 'end', 'begin', 'end']);
	});

	it('ends the answer under way when it is told to unload', async () => {
		const { made, log } = host();
		await load(made).result;
		const events = generate(made, 100_000);
		await events.next();
		// Nobody takes what is made, and the window fills.
		await new Promise((resolve) => setTimeout(resolve, 30));
		await made.unload();
		expect(await finishOf(events)).toBe('cancelled');
		expect(log.at(-1)).toBe('unload');
	});

	it('refuses to generate before a model is loaded', async () => {
		await expect(finishOf(generate(host().made))).rejects.toMatchObject({
			failure: { kind: 'engine_failed' }
		});
	});

	it('tells of an engine that breaks later, but not while it loads', async () => {
		const lost: EngineFailure = { kind: 'device_lost', message: 'lost' };
		const { made, failures, fail } = host();
		const { result } = load(made);
		await Promise.resolve();
		fail(lost);
		expect((await result).ok).toBe(true);
		expect(failures).toEqual([]);
		fail(lost);
		expect(failures).toEqual([lost]);
	});
});
