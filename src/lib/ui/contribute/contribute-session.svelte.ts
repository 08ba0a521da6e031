import type { ContributorTerms } from '../../p2p/contributor-terms.ts';
import type { ContributorSnapshot, FinishedJob } from '../../p2p/contributor-events.ts';
import type { ModelEntry } from '../../models/model-entry.ts';
import type { EngineFailure, Generator } from '../../protocol/generation.ts';
import type { Backend, LoadedModel, LoadProgress } from '../../worker/engine.ts';
import type { LoadResult } from '../../worker/inference-host.ts';
import type { ModelWorker } from '../model-worker.ts';

/** The presence on the network; `Contributor` in the page. */
export interface Presence {
	start(): void;
	pause(): void;
	resume(): void;
	finishThenStop(): void;
	stop(): void;
	retryNow(): void;
	setTerms(terms: ContributorTerms): void;
}

export interface PresenceOptions {
	generator: Generator;
	model: LoadedModel;
	terms: ContributorTerms;
	onChange: (snapshot: ContributorSnapshot) => void;
	onJob: (job: FinishedJob) => void;
}

export interface ContributeParts {
	makeWorker: () => Promise<ModelWorker>;
	makePresence: (options: PresenceOptions) => Promise<Presence>;
	/** Asks the browser to keep the model when space gets short. */
	persist: () => Promise<boolean>;
	threads: () => number;
}

/** A model and where it shall run. */
export interface Choice {
	model: ModelEntry;
	backend: Backend;
}

export type Stage =
	| { kind: 'idle' }
	| { kind: 'loading'; choice: Choice; progress: LoadProgress | null }
	| { kind: 'serving'; choice: Choice; loaded: LoadedModel }
	| { kind: 'failed'; choice: Choice; failure: EngineFailure };

/** One contributor's session: loads a model, serves it, and takes leave in good order. */
export class ContributeSession {
	readonly #parts: ContributeParts;
	#stage = $state.raw<Stage>({ kind: 'idle' });
	#snapshot = $state.raw<ContributorSnapshot | null>(null);
	#jobs = $state.raw<readonly FinishedJob[]>([]);
	#isPersistent = $state<boolean | null>(null);
	#worker: ModelWorker | null = null;
	#presence: Presence | null = null;
	#loading: AbortController | null = null;
	#terms: ContributorTerms | null = { jobs: 'free' };
	/** Makes the presence once there are terms to serve on. */
	#goOnTerms: ((terms: ContributorTerms) => void) | null = null;

	constructor(parts: ContributeParts) {
		this.#parts = parts;
	}

	get stage(): Stage {
		return this.#stage;
	}

	/** What the network side says; `null` unless serving. */
	get snapshot(): ContributorSnapshot | null {
		return this.#snapshot;
	}

	/** Finished jobs of this visit, the latest first: times and counts, never words. */
	get jobs(): readonly FinishedJob[] {
		return this.#jobs;
	}

	/** Whether the browser promised to keep the files; `null` before it was asked. */
	get isPersistent(): boolean | null {
		return this.#isPersistent;
	}

	get isBusy(): boolean {
		return this.#stage.kind === 'loading' || this.#stage.kind === 'serving';
	}

	/** Downloads the model, measures it and goes online with it. */
	async start(choice: Choice): Promise<void> {
		if (this.isBusy) return;
		const loading = new AbortController();
		this.#loading = loading;
		this.#stage = { kind: 'loading', choice, progress: null };
		// Not awaited: a browser that asks the person first must not hold the download up.
		void this.#parts.persist().then((isPersistent) => (this.#isPersistent = isPersistent));
		const result = await this.#load(choice, loading.signal);
		if (this.#loading !== loading) return;
		this.#loading = null;
		if (!result.ok) {
			const wasCancelled = result.failure.kind === 'cancelled' && loading.signal.aborted;
			this.#fail(choice, wasCancelled ? null : result.failure);
			return;
		}
		try {
			await this.#goOnline(choice, result.model);
		} catch (error) {
			const message = error instanceof Error ? error.message : 'failed';
			this.#fail(choice, { kind: 'engine_failed', message });
		}
	}

	/** Breaks the download off; what is there is kept for the next time. */
	cancelLoading(): void {
		this.#loading?.abort();
	}

	/**
	 * What is served from now on, and for which pay.
	 *
	 * @param terms `null` while there are none to go online with; who is online stays on the last ones
	 */
	setTerms(terms: ContributorTerms | null): void {
		this.#terms = terms;
		if (!terms) return;
		this.#goOnTerms?.(terms);
		this.#presence?.setTerms(terms);
	}

	pause(): void {
		this.#presence?.pause();
	}

	resume(): void {
		this.#presence?.resume();
	}

	/** Takes no new jobs; ends when the running ones are done. */
	finishThenStop(): void {
		this.#presence?.finishThenStop();
	}

	retryNow(): void {
		this.#presence?.retryNow();
	}

	/** Stops at once, whatever is running. */
	stop(): void {
		this.cancelLoading();
		this.#loading = null;
		this.#leave();
		this.#stage = { kind: 'idle' };
	}

	/** Back from a failure to choosing. */
	dismiss(): void {
		if (this.#stage.kind === 'failed') this.#stage = { kind: 'idle' };
	}

	async #load(choice: Choice, signal: AbortSignal): Promise<LoadResult> {
		try {
			this.#worker ??= await this.#makeWorker();
			return await this.#worker.load(
				choice.model,
				{
					backend: choice.backend,
					contextTokens: choice.model.contextTokens,
					threads: this.#parts.threads()
				},
				(progress) => {
					if (!signal.aborted) this.#stage = { kind: 'loading', choice, progress };
				},
				signal
			);
		} catch (error) {
			const message = error instanceof Error ? error.message : 'failed';
			return { ok: false, failure: { kind: 'download_failed', message } };
		}
	}

	async #makeWorker(): Promise<ModelWorker> {
		const worker = await this.#parts.makeWorker();
		worker.onFailure((failure) => {
			// While it loads, the load itself tells.
			if (this.#stage.kind === 'serving') this.#fail(this.#stage.choice, failure);
		});
		return worker;
	}

	async #goOnline(choice: Choice, loaded: LoadedModel): Promise<void> {
		const worker = this.#worker;
		if (!worker) return;
		this.#stage = { kind: 'serving', choice, loaded };
		const terms = this.#terms ?? (await this.#firstTerms());
		if (this.#worker !== worker) return;
		const presence = await this.#parts.makePresence({
			generator: worker,
			model: loaded,
			terms,
			onChange: (snapshot) => this.#changed(presence, snapshot),
			onJob: (job) => (this.#jobs = [job, ...this.#jobs])
		});
		// Stopped while the network code was loading.
		if (this.#worker !== worker || this.#stage.kind !== 'serving') return;
		this.#presence = presence;
		// They may have changed meanwhile.
		if (this.#terms && this.#terms !== terms) presence.setTerms(this.#terms);
		presence.start();
	}

	#firstTerms(): Promise<ContributorTerms> {
		return new Promise((resolve) => {
			this.#goOnTerms = (terms) => {
				this.#goOnTerms = null;
				resolve(terms);
			};
		});
	}

	#changed(presence: Presence, snapshot: ContributorSnapshot): void {
		if (this.#presence !== presence) return;
		this.#snapshot = snapshot;
		// After "finish then stop" the presence ends by itself.
		if (snapshot.status.kind !== 'stopped') return;
		this.#presence = null;
		this.stop();
	}

	#fail(choice: Choice, failure: EngineFailure | null): void {
		this.#leave();
		this.#stage = failure ? { kind: 'failed', choice, failure } : { kind: 'idle' };
	}

	#leave(): void {
		const presence = this.#presence;
		this.#presence = null;
		this.#goOnTerms = null;
		presence?.stop();
		this.#snapshot = null;
		// A worker of its own for each session gives all the memory back.
		this.#worker?.dispose();
		this.#worker = null;
	}
}
