import { describe, expect, it } from 'vitest';
import type { ContributorSnapshot } from '../../p2p/contributor-events.ts';
import type { ContributorTerms } from '../../p2p/contributor-terms.ts';
import type { JobId } from '../../protocol/ids.ts';
import type { EngineFailure, GenerateEvent } from '../../protocol/generation.ts';
import type { ModelEntry } from '../../models/model-entry.ts';
import type { LoadedModel } from '../../worker/engine.ts';
import {
	ContributeSession,
	type Choice,
	type Presence,
	type PresenceOptions
} from './contribute-session.svelte.ts';
import type { ModelWorker } from '../model-worker.ts';

const choice: Choice = {
	backend: 'wasm',
	model: { id: 'tiny', contextTokens: 256 } as ModelEntry
};
const loaded: LoadedModel = {
	model: 'tiny',
	engine: 'wllama',
	engineVersion: '3',
	backend: 'wasm',
	contextTokens: 256,
	digest: 'A'.repeat(43),
	tokensPerSecond: 12,
	prefillTokensPerSecond: 80
};

/** The far sides: a worker that loads when told to, and a presence that notes what it was told. */
class ScriptedWorker implements ModelWorker {
	isDisposed = false;
	fail: (failure: EngineFailure) => void = () => {};
	readonly #result: EngineFailure | LoadedModel | 'until cancelled';

	constructor(result: EngineFailure | LoadedModel | 'until cancelled') {
		this.#result = result;
	}

	async load(...[, , onProgress, signal]: Parameters<ModelWorker['load']>) {
		onProgress({ phase: 'download', loadedBytes: 1, totalBytes: 2, bytesPerSecond: 1 });
		const result = this.#result;
		if (result === 'until cancelled') {
			await new Promise((resolve) => signal.addEventListener('abort', resolve));
			return { ok: false as const, failure: { kind: 'cancelled' as const, message: '' } };
		}
		return 'kind' in result
			? { ok: false as const, failure: result }
			: { ok: true as const, model: result };
	}

	async *generate(): AsyncGenerator<GenerateEvent> {}
	async unload() {}
	onFailure(listener: (failure: EngineFailure) => void) {
		this.fail = listener;
		return () => {};
	}
	dispose() {
		this.isDisposed = true;
	}
}

class ScriptedPresence implements Presence {
	readonly told: string[] = [];
	readonly options: PresenceOptions;

	constructor(options: PresenceOptions) {
		this.options = options;
	}

	become(kind: 'online' | 'paused' | 'draining' | 'stopped') {
		const snapshot: ContributorSnapshot = {
			status: { kind },
			current: null,
			queued: 0,
			connections: 0
		};
		this.options.onChange(snapshot);
	}
	start() {
		this.told.push('start');
		this.become('online');
	}
	pause() {
		this.told.push('pause');
	}
	resume() {
		this.told.push('resume');
	}
	finishThenStop() {
		this.told.push('finish');
		this.become('draining');
	}
	stop() {
		this.told.push('stop');
		this.become('stopped');
	}
	retryNow() {
		this.told.push('retry');
	}
	setTerms({ jobs }: ContributorTerms) {
		this.told.push(jobs);
	}
}

function setUp(...results: ConstructorParameters<typeof ScriptedWorker>[0][]) {
	const workers: ScriptedWorker[] = [];
	const presences: ScriptedPresence[] = [];
	const session = new ContributeSession({
		makeWorker: async () => {
			const worker = new ScriptedWorker(results.shift() ?? loaded);
			workers.push(worker);
			return worker;
		},
		makePresence: async (options) => {
			const presence = new ScriptedPresence(options);
			presences.push(presence);
			return presence;
		},
		persist: async () => false,
		threads: () => 1
	});
	return { session, workers, presences };
}

describe("a contributor's session", () => {
	it('loads, goes online, and stops with everything given back', async () => {
		const { session, workers, presences } = setUp(loaded);
		await session.start(choice);
		expect(session.stage).toMatchObject({ kind: 'serving', loaded: { tokensPerSecond: 12 } });
		expect(session.snapshot?.status.kind).toBe('online');
		expect(session.isPersistent).toBe(false);
		session.stop();
		expect(session.stage.kind).toBe('idle');
		expect(presences[0]?.told).toEqual(['start', 'stop']);
		expect(workers[0]?.isDisposed).toBe(true);
	});

	it('goes back to choosing when the download is cancelled, without a failure', async () => {
		const { session, workers } = setUp('until cancelled');
		const starting = session.start(choice);
		await new Promise((resolve) => setTimeout(resolve));
		expect(session.stage).toMatchObject({ kind: 'loading', progress: { phase: 'download' } });
		session.cancelLoading();
		await starting;
		expect(session.stage.kind).toBe('idle');
		expect(workers[0]?.isDisposed).toBe(true);
	});

	it('shows a failure, and a fresh worker tries again', async () => {
		const failure: EngineFailure = { kind: 'out_of_memory', message: 'no room' };
		const { session, workers } = setUp(failure, loaded);
		await session.start(choice);
		expect(session.stage).toEqual({ kind: 'failed', choice, failure });
		await session.start(choice);
		expect(session.stage.kind).toBe('serving');
		expect(workers).toHaveLength(2);
	});

	it('leaves the network when the engine is lost while it serves', async () => {
		const { session, workers, presences } = setUp(loaded);
		await session.start(choice);
		workers[0]?.fail({ kind: 'device_lost', message: 'gone' });
		expect(session.stage).toMatchObject({ kind: 'failed', failure: { kind: 'device_lost' } });
		expect(presences[0]?.told).toEqual(['start', 'stop']);
	});

	it('ends by itself when the last job is done after "finish then stop"', async () => {
		const { session, workers, presences } = setUp(loaded);
		await session.start(choice);
		session.finishThenStop();
		expect(session.stage.kind).toBe('serving');
		presences[0]?.become('stopped');
		expect(session.stage.kind).toBe('idle');
		expect(workers[0]?.isDisposed).toBe(true);
	});

	it('keeps the jobs of a visit, the latest first', async () => {
		const { session, presences } = setUp(loaded);
		await session.start(choice);
		for (const id of ['first', 'second']) {
			presences[0]?.options.onJob({
				id: id as JobId,
				startedAt: 1,
				endedAt: 2,
				promptTokens: 3,
				completionTokens: 4,
				pay: null,
				receipt: null,
				outcome: { kind: 'finished', finish: 'stop' }
			});
		}
		session.stop();
		expect(session.jobs.map(({ id }) => id)).toEqual(['second', 'first']);
	});

	it('serves on the terms it has, and on new ones from then on', async () => {
		const { session, presences } = setUp(loaded);
		const paid = { jobs: 'paid' } as ContributorTerms;
		session.setTerms(paid);
		await session.start(choice);
		expect(presences[0]?.options.terms).toBe(paid);
		session.setTerms({ jobs: 'free' });
		expect(presences[0]?.told).toEqual(['start', 'free']);
		session.setTerms(null);
		expect(presences[0]?.told).toEqual(['start', 'free']);
	});

	it('is not online before there are terms, and never if it is stopped before', async () => {
		const { session, presences } = setUp(loaded, loaded);
		session.setTerms(null);
		const starting = session.start(choice);
		while (session.stage.kind !== 'serving') await Promise.resolve();
		expect(presences).toEqual([]);
		session.setTerms({ jobs: 'free' });
		await starting;
		expect(presences[0]?.told).toEqual(['start']);
		session.stop();
		session.setTerms(null);
		void session.start(choice);
		await new Promise((resolve) => setTimeout(resolve, 10));
		expect(session.stage.kind).toBe('serving');
		session.stop();
		session.setTerms({ jobs: 'free' });
		await new Promise((resolve) => setTimeout(resolve, 10));
		expect(presences).toHaveLength(1);
	});

	it('stays stopped if it was stopped while the network code was loading', async () => {
		const { session, presences } = setUp(loaded);
		const starting = session.start(choice);
		while (session.stage.kind !== 'serving') await Promise.resolve();
		session.stop();
		await starting;
		expect(session.stage.kind).toBe('idle');
		expect(presences[0]?.told).toEqual([]);
	});
});
