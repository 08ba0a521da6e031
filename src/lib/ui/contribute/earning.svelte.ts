import type { Account } from '../../chain/account.ts';
import { NETWORKS, type Network } from '../../chain/networks.ts';
import type { ContributorTerms } from '../../p2p/contributor-terms.ts';
import type { ContributorPayments } from '../../p2p/payments.ts';
import type { PaidTerms } from '../../protocol/offer.ts';
import {
	defaultEarnSettings,
	loadEarnSettings,
	saveEarnSettings,
	type EarnSettings
} from './earn-settings.ts';
import type { EarningsStore } from '../../store/earnings.ts';
import { offeredFaceValues } from './earn-limits.ts';
import { EarningsView } from './earnings-view.svelte.ts';
import type { Redeeming } from './redeeming.ts';

/** What is there once a chain's code is loaded. */
export interface EarningDesk {
	redeeming: Pick<Redeeming, 'wait' | 'take'>;
	payments(terms: Pick<PaidTerms, 'payout' | 'faceValues'>): ContributorPayments;
	close(): void;
}

export type Proven =
	| { ok: true; account: Account }
	/** What to tell the person; no error where it was the person's choice. */
	| { ok: false; isError: boolean; text: string };

export interface EarningParts {
	openStore: () => Promise<EarningsStore>;
	openDesk: (store: EarningsStore, onChange: () => void) => Promise<EarningDesk>;
	/** Has a wallet prove that its owner is here. */
	prove: () => Promise<Proven>;
}

/** After payments could not be set up. */
const RETRY_MS = 15_000;
const FREE: ContributorTerms = { jobs: 'free' };

/** For what pay this device serves, and what came of it. Loads nothing of a chain before it is needed. */
export class Earning {
	readonly view = new EarningsView();
	readonly #parts: EarningParts;
	#network = $state.raw<Network>(NETWORKS.mainnet);
	#settings = $state.raw<EarnSettings>(defaultEarnSettings('mainnet'));
	#terms = $state.raw<ContributorTerms | null>(FREE);
	#fault = $state<string | null>(null);
	#isServing = false;
	#opening: Promise<EarningDesk> | null = null;
	#retry: ReturnType<typeof setTimeout> | undefined;
	#resumeRetry: ReturnType<typeof setTimeout> | undefined;
	#isStopped = true;

	constructor(parts: EarningParts) {
		this.#parts = parts;
	}

	get network(): Network {
		return this.#network;
	}

	get settings(): EarnSettings {
		return this.#settings;
	}

	/** Paid jobs are wanted, and there is an account to pay. */
	get wantsPay(): boolean {
		return this.#settings.jobs !== 'free' && this.#settings.payout !== null;
	}

	/** On which terms to serve now; `null` while there are none yet and free jobs are not wanted. */
	get terms(): ContributorTerms | null {
		return this.#terms;
	}

	/** Why paid jobs cannot be served at the moment although they are wanted. */
	get fault(): string | null {
		return this.#fault;
	}

	/** Reads what was chosen, and goes on with winners of an earlier visit; what it returns ends it. */
	start(network: Network): () => void {
		this.#isStopped = false;
		this.#network = network;
		this.#settings = loadEarnSettings(network.name);
		const stopView = this.view.start(() => this.#parts.openStore(), network.globalId);
		void this.#resumeRedeeming();
		return () => {
			this.#isStopped = true;
			clearTimeout(this.#retry);
			clearTimeout(this.#resumeRetry);
			stopView();
			void this.#opening?.then((desk) => desk.close()).catch(() => {});
			this.#opening = null;
		};
	}

	change(part: Partial<EarnSettings>): void {
		this.#settings = { ...this.#settings, ...part };
		saveEarnSettings(this.#network.name, this.#settings);
		void this.#apply();
	}

	/** Serving begins, or is over: only who serves needs terms. */
	serve(isServing: boolean): void {
		if (this.#isServing === isServing) return;
		this.#isServing = isServing;
		void this.#apply();
	}

	/** Fills the payout address in from a wallet; what to tell the person otherwise. */
	async prove(): Promise<Proven> {
		const proven = await this.#parts.prove();
		if (proven.ok) this.change({ payout: proven.account, isProven: true });
		return proven;
	}

	/** Without terms nothing is served; with terms for free jobs alone paid ones join once they can. */
	async #apply(): Promise<void> {
		clearTimeout(this.#retry);
		this.#fault = null;
		const settings = this.#settings;
		const { jobs, payout, promptNano, completionNano } = settings;
		if (jobs === 'free' || payout === null || !this.#isServing) {
			this.#terms = FREE;
			return;
		}
		const wasPaid = this.#terms?.jobs === 'paid' || this.#terms?.jobs === 'both';
		if (!wasPaid) this.#terms = jobs === 'paid' ? null : FREE;
		const isCurrent = () => !this.#isStopped && this.#isServing && this.#settings === settings;
		try {
			const desk = await this.#desk();
			if (!isCurrent()) return;
			desk.redeeming.take();
			const faceValues = offeredFaceValues(settings.faceValueNano).map(String);
			this.#terms = {
				...{ jobs, promptPrice: String(promptNano), completionPrice: String(completionNano) },
				payments: desk.payments({ payout, faceValues })
			};
		} catch (error) {
			if (!isCurrent()) return;
			this.#fault = error instanceof Error ? error.message : String(error);
			this.#retry = setTimeout(() => void this.#apply(), RETRY_MS);
		}
	}

	async #resumeRedeeming(): Promise<void> {
		try {
			const store = await this.view.store();
			const pending = await store.pendingWinners(this.#network.globalId);
			if (pending.length === 0 || this.#isStopped) return;
			const desk = await this.#desk();
			if (!this.#isStopped) desk.redeeming.wait();
		} catch {
			if (this.#isStopped) return;
			// No coordinator, or no storage: the outbox has the winners too.
			this.#resumeRetry = setTimeout(() => void this.#resumeRedeeming(), RETRY_MS);
		}
	}

	#desk(): Promise<EarningDesk> {
		this.#opening ??= this.view
			.store()
			.then((store) => this.#parts.openDesk(store, () => this.view.refreshSoon()))
			.catch((error: unknown) => {
				this.#opening = null;
				throw error;
			});
		return this.#opening;
	}
}
