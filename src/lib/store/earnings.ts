import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { EarnedJob, EarningTotals, StoredWinner } from './earning-records.ts';

interface EarningsSchema extends DBSchema {
	jobs: { key: string; value: EarnedJob; indexes: { at: number } };
	winners: { key: string; value: StoredWinner; indexes: { state: string; job: string } };
}

const NO_SUMS: Omit<EarningTotals, 'jobs'> = {
	tickets: 0,
	winners: 0,
	expectedNano: 0n,
	drawnNano: 0n,
	paidOutNano: 0n,
	feeNano: 0n
};
const NOTHING: EarningTotals = { jobs: 0, ...NO_SUMS };

/** A contributor's earnings, by job, and its winning tickets, in IndexedDB. */
export class EarningsStore {
	readonly #database: IDBPDatabase<EarningsSchema>;

	private constructor(database: IDBPDatabase<EarningsSchema>) {
		this.#database = database;
	}

	/** @throws DOMException where the browser keeps no IndexedDB: then no paid job is taken */
	static async open(name = 'mulberry-earnings'): Promise<EarningsStore> {
		const database = await openDB<EarningsSchema>(name, 1, {
			upgrade(created) {
				created.createObjectStore('jobs', { keyPath: 'job' }).createIndex('at', 'at');
				const winners = created.createObjectStore('winners', { keyPath: 'id' });
				winners.createIndex('state', 'state');
				winners.createIndex('job', 'job');
			}
		});
		return new EarningsStore(database);
	}

	/** What a job's tickets are worth by now; its winners are counted apart. */
	async putTickets(
		job: Pick<EarnedJob, 'job' | 'at' | 'network' | 'purse' | 'tickets' | 'expectedNano'>
	): Promise<void> {
		const transaction = this.#database.transaction('jobs', 'readwrite');
		const known = await transaction.store.get(job.job);
		const none = { winners: 0, drawnNano: 0n, paidOutNano: 0n, feeNano: 0n };
		await transaction.store.put({ ...none, ...known, ...job });
		await transaction.done;
	}

	/** Keeps a new winner, once. It is on the disk when this resolves. */
	async addWinner(winner: StoredWinner): Promise<void> {
		const transaction = this.#database.transaction(['jobs', 'winners'], 'readwrite', {
			durability: 'strict'
		});
		const jobs = transaction.objectStore('jobs');
		const winners = transaction.objectStore('winners');
		if (!(await winners.get(winner.id))) {
			const known = (await jobs.get(winner.job)) ?? newJob(winner);
			await winners.put(winner);
			await jobs.put({
				...known,
				winners: known.winners + 1,
				drawnNano: known.drawnNano + winner.faceValueNano
			});
		}
		await transaction.done;
	}

	/** Changes a winner; its job follows when it is paid. */
	async updateWinner(id: string, changes: Partial<StoredWinner>): Promise<StoredWinner | null> {
		const transaction = this.#database.transaction(['jobs', 'winners'], 'readwrite');
		const jobs = transaction.objectStore('jobs');
		const winners = transaction.objectStore('winners');
		const before = await winners.get(id);
		const after = before && { ...before, ...changes };
		if (before && after) {
			await winners.put(after);
			const job = await jobs.get(after.job);
			const paidNano = (after.payout?.paidNano ?? 0n) - (before.payout?.paidNano ?? 0n);
			const feeNano = (after.payout?.feeNano ?? 0n) - (before.payout?.feeNano ?? 0n);
			if (job) {
				const paidOutNano = job.paidOutNano + paidNano;
				await jobs.put({ ...job, paidOutNano, feeNano: job.feeNano + feeNano });
			}
		}
		await transaction.done;
		return after ?? null;
	}

	/** Winners that still have to be redeemed or confirmed. @param network of this one alone */
	async pendingWinners(network?: number): Promise<StoredWinner[]> {
		const [open, seen] = await Promise.all([
			this.#database.getAllFromIndex('winners', 'state', 'open'),
			this.#database.getAllFromIndex('winners', 'state', 'seen')
		]);
		return [...open, ...seen].filter(isOn(network));
	}

	/** The winners of a job, for its line in the history. */
	winnersOf(job: string): Promise<StoredWinner[]> {
		return this.#database.getAllFromIndex('winners', 'job', job);
	}

	/**
	 * Sums of jobs whose first ticket came at that time or later: a session's, today's, or all from 0.
	 *
	 * @param network of this one alone: coins of different networks are not summed
	 */
	async totals(sinceMs = 0, network?: number): Promise<EarningTotals> {
		const range = IDBKeyRange.lowerBound(sinceMs);
		const jobs = await this.#database.getAllFromIndex('jobs', 'at', range);
		return jobs.filter(isOn(network)).reduce(plus, NOTHING);
	}

	/** The latest jobs first. @param beforeMs goes on after a page that ended there */
	async jobs(limit: number, beforeMs = Infinity, network?: number): Promise<EarnedJob[]> {
		const found: EarnedJob[] = [];
		const index = this.#database.transaction('jobs').store.index('at');
		let cursor = await index.openCursor(IDBKeyRange.upperBound(beforeMs, true), 'prev');
		while (cursor && found.length < limit) {
			if (isOn(network)(cursor.value)) found.push(cursor.value);
			cursor = await cursor.continue();
		}
		return found;
	}
}

const isOn = (wanted: number | undefined) => (record: { network: number }) =>
	wanted === undefined || record.network === wanted;

function newJob({ job, wonAt, network, purse }: StoredWinner): EarnedJob {
	return { job, at: wonAt, network, purse, ...NO_SUMS };
}

function plus(sum: EarningTotals, job: EarnedJob): EarningTotals {
	return {
		jobs: sum.jobs + 1,
		tickets: sum.tickets + job.tickets,
		winners: sum.winners + job.winners,
		expectedNano: sum.expectedNano + job.expectedNano,
		drawnNano: sum.drawnNano + job.drawnNano,
		paidOutNano: sum.paidOutNano + job.paidOutNano,
		feeNano: sum.feeNano + job.feeNano
	};
}
