import { createContext, untrack } from 'svelte';
import { largestThatFits, readDevice, type DeviceFacts } from '../../models/capability.ts';
import type { ModelEntry } from '../../models/model-entry.ts';
import { listStoredArtifacts, type StoredArtifact } from '../../models/stored-artifacts.ts';
import { loadCatalogue } from '../catalogue-source.ts';
import { contributeParts } from './contribute-parts.ts';
import { ContributeSession, type Choice } from './contribute-session.svelte.ts';
import { pageNetwork } from '../page-network.ts';
import { Earning } from './earning.svelte.ts';
import { earningParts } from './earning-parts.ts';
import { lastChoice, rememberChoice } from './last-choice.ts';
import { modelRows, type ModelRow } from './model-rows.ts';
import { WorkerLock } from './worker-lock.ts';

/** What the contribute page holds: the device, the models, the choice, and the session. */
export class ContributePage {
	readonly session = new ContributeSession({
		...contributeParts,
		makePresence: (options) =>
			contributeParts.makePresence({
				...options,
				onJob: (job) => {
					options.onJob(job);
					if (job.pay) this.earning.view.refreshSoon();
				}
			})
	});
	readonly earning = new Earning(earningParts);
	#device = $state.raw<DeviceFacts | null>(null);
	#models = $state.raw<readonly ModelEntry[] | null>(null);
	#isUnreachable = $state(false);
	#stored = $state.raw<readonly StoredArtifact[]>([]);
	#usesCpu = $state(false);
	#chosen = $state<string | null>(null);
	#isElsewhere = $state(false);
	#lock: WorkerLock | null = null;
	#stopped = new AbortController();

	readonly #facts = $derived(
		this.#device && this.#usesCpu ? { ...this.#device, webgpu: null } : this.#device
	);
	readonly #rows = $derived(
		this.#facts && this.#models ? modelRows(this.#models, this.#facts, this.#stored) : null
	);
	readonly #chosenRow = $derived.by((): ModelRow | null => {
		if (!this.#rows || !this.#facts) return null;
		const usable = this.#rows.filter(({ fit }) => fit.fits);
		const models = usable.map(({ model }) => model);
		const proposed = largestThatFits(models, this.#facts)?.id;
		const rowOf = (id: string | null | undefined) => usable.find(({ model }) => model.id === id);
		return rowOf(this.#chosen) ?? rowOf(proposed) ?? null;
	});
	readonly #choice = $derived.by((): Choice | null => {
		const row = this.#chosenRow;
		if (!row?.fit.fits || this.needsCpu || this.lacksKeys) return null;
		return { model: row.model, backend: row.fit.backend };
	});

	/** `null` until it was read. */
	get device(): DeviceFacts | null {
		return this.#device;
	}

	/** Every model with what this device makes of it; `null` until both are known. */
	get rows(): readonly ModelRow[] | null {
		return this.#rows;
	}

	/** The model that the person chose, or that is proposed. */
	get chosenRow(): ModelRow | null {
		return this.#chosenRow;
	}

	/** What Start would start; `null` while nothing can be. */
	get choice(): Choice | null {
		return this.#choice;
	}

	/** The catalogue could not be read. */
	get isUnreachable(): boolean {
		return this.#isUnreachable;
	}

	/** The person chose to run on the processor. */
	get usesCpu(): boolean {
		return this.#usesCpu;
	}

	/** Without WebGPU nothing starts before the person has agreed to the processor. */
	get needsCpu(): boolean {
		return this.#device !== null && this.#device.webgpu === null && !this.#usesCpu;
	}

	/** A browser without Ed25519 cannot prove who it is. */
	get lacksKeys(): boolean {
		return this.#device?.ed25519 === false;
	}

	/** Another tab of this browser is contributing. */
	get isElsewhere(): boolean {
		return this.#isElsewhere;
	}

	choose(model: string): void {
		this.#chosen = model;
	}

	useCpu(usesCpu: boolean): void {
		this.#usesCpu = usesCpu;
	}

	/** Looks at device, catalogue and other tabs; what it returns ends everything. */
	start(): () => void {
		this.#stopped = new AbortController();
		const { signal } = this.#stopped;
		this.#lock = new WorkerLock(() => this.#moved());
		this.#recall();
		void readDevice().then((device) => (this.#device = device));
		void this.loadModels();
		void this.#watchElsewhere(signal);
		const stopEarning = this.earning.start(pageNetwork());
		const stopEffects = $effect.root(() => {
			$effect(() => {
				const { isBusy } = this.session;
				untrack(() => this.earning.serve(isBusy));
			});
			$effect(() => {
				const { terms } = this.earning;
				untrack(() => this.session.setTerms(terms));
			});
			$effect(() => {
				if (this.session.isBusy) return;
				this.#lock?.release();
				void listStoredArtifacts().then((stored) => (this.#stored = stored));
			});
		});
		return () => {
			this.#stopped.abort();
			stopEffects();
			this.session.stop();
			stopEarning();
			this.#lock?.close();
			this.#lock = null;
		};
	}

	async loadModels(): Promise<void> {
		const models = await loadCatalogue(this.#stopped.signal);
		this.#isUnreachable = models === null;
		if (models) this.#models = models;
	}

	/** Starts the chosen model, unless another tab is contributing. */
	async begin(choice: Choice | null = this.#choice): Promise<void> {
		if (!choice || !this.#lock || this.session.isBusy) return;
		if (!(await this.#lock.tryAcquire())) return void this.#watchElsewhere(this.#stopped.signal);
		await this.#run(choice);
	}

	/** Takes the work over from the other tab. */
	async moveHere(): Promise<void> {
		if (!this.#lock || !(await this.#lock.takeOver())) return;
		this.#isElsewhere = false;
		this.#recall();
		if (this.#choice) await this.#run(this.#choice);
		else this.#lock.release();
	}

	async #run(choice: Choice): Promise<void> {
		rememberChoice({ model: choice.model.id, usesCpu: this.#usesCpu });
		// Before anything else: who wants pay alone never goes online for free.
		this.earning.serve(true);
		this.session.setTerms(this.earning.terms);
		await this.session.start(choice);
	}

	/** The person agreed to this before, in this browser. */
	#recall(): void {
		const last = lastChoice();
		if (!last) return;
		this.#chosen = last.model;
		this.#usesCpu = last.usesCpu;
	}

	#moved(): void {
		this.session.stop();
		this.#lock?.release();
		this.#isElsewhere = true;
		void this.#watchElsewhere(this.#stopped.signal);
	}

	async #watchElsewhere(signal: AbortSignal): Promise<void> {
		if (!this.#isElsewhere && !(await this.#lock?.isElsewhere())) return;
		this.#isElsewhere = true;
		try {
			await this.#lock?.untilFree(signal);
			this.#isElsewhere = false;
		} catch {
			// The page goes, and with it the question.
		}
	}
}

export const [getContributePage, setContributePage] = createContext<ContributePage>();
