import type { EarnedJob, EarningTotals, StoredWinner } from '../../store/earning-records.ts';
import type { EarningsStore } from '../../store/earnings.ts';
import { startOfToday } from './start-of-today.ts';

/** Figures follow what is stored after so long: several changes come together. */
const REFRESH_AFTER_MS = 300;
const JOBS_A_PAGE = 20;

export interface HistoryEntry {
	job: EarnedJob;
	winners: readonly StoredWinner[];
}

export interface EarningsReading {
	today: EarningTotals;
	all: EarningTotals;
	/** The latest first. */
	history: readonly HistoryEntry[];
	hasMore: boolean;
}

/** What this browser has earned, as it is stored: read again whenever something may have changed. */
export class EarningsView {
	#reading = $state.raw<EarningsReading | null>(null);
	#isUnreadable = $state(false);
	#open: (() => Promise<EarningsStore>) | null = null;
	#opening: Promise<EarningsStore> | null = null;
	#network = 0;
	#shown = JOBS_A_PAGE;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#isStopped = true;

	/** `null` until it was read. */
	get reading(): EarningsReading | null {
		return this.#reading;
	}

	/** The browser keeps nothing, so nothing can be earned here. */
	get isUnreadable(): boolean {
		return this.#isUnreadable;
	}

	start(open: () => Promise<EarningsStore>, network: number): () => void {
		this.#isStopped = false;
		this.#open = open;
		this.#network = network;
		const onVisible = () => {
			// Another tab may have earned.
			if (!document.hidden) this.refreshSoon();
		};
		document.addEventListener('visibilitychange', onVisible);
		void this.refresh();
		return () => {
			this.#isStopped = true;
			clearTimeout(this.#timer);
			document.removeEventListener('visibilitychange', onVisible);
		};
	}

	/** @throws DOMException where the browser keeps nothing */
	store(): Promise<EarningsStore> {
		if (!this.#open) return Promise.reject(new TypeError('earnings: not started'));
		this.#opening ??= this.#open().catch((error: unknown) => {
			this.#opening = null;
			throw error;
		});
		return this.#opening;
	}

	more(): void {
		this.#shown += JOBS_A_PAGE;
		void this.refresh();
	}

	refreshSoon(): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.refresh(), REFRESH_AFTER_MS);
	}

	async refresh(): Promise<void> {
		try {
			const store = await this.store();
			const reading = await this.#read(store);
			if (this.#isStopped) return;
			this.#reading = reading;
			this.#isUnreadable = false;
		} catch {
			// The page says that it cannot be read; the next change tries again.
			this.#isUnreadable = true;
		}
	}

	async #read(store: EarningsStore): Promise<EarningsReading> {
		const [today, all, jobs] = await Promise.all([
			store.totals(startOfToday(), this.#network),
			store.totals(0, this.#network),
			store.jobs(this.#shown + 1, Infinity, this.#network)
		]);
		const history = await Promise.all(
			jobs.slice(0, this.#shown).map(async (job) => ({
				...{ job, winners: job.winners === 0 ? [] : await store.winnersOf(job.job) }
			}))
		);
		return { today, all, history, hasMore: jobs.length > this.#shown };
	}
}
