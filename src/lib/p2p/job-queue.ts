import type { JobId } from '../protocol/ids.ts';
import type { FinishedJob } from './contributor-events.ts';
import type { Link } from './link.ts';
import type { ServedJob } from './served-job.ts';

/** Jobs that may wait behind the running one. */
export const MAX_WAITING_JOBS = 8;
/** How long a job is kept for `resume` after its link broke, and after it ended. */
export const HOLD_MS = 30_000;

/**
 * Runs jobs one at a time, in order but for paid ones, which go before free ones, and keeps each for a
 * while after its link or itself ended.
 */
export class JobQueue {
	/** What requesters paid on a link that still stands and did not get. */
	readonly credits = new WeakMap<Link, { nano: bigint }>();
	readonly #jobs = new Map<JobId, ServedJob>();
	readonly #holds = new Map<JobId, ReturnType<typeof setTimeout>>();
	readonly #onFinished: (job: FinishedJob) => void;
	readonly #onChange: () => void;
	#waiting: ServedJob[] = [];
	#running: ServedJob | null = null;
	/** Exponential mean of how long jobs took here. */
	#meanJobMs = 10_000;

	constructor(onFinished: (job: FinishedJob) => void, onChange: () => void) {
		this.#onFinished = onFinished;
		this.#onChange = onChange;
	}

	get running(): ServedJob | null {
		return this.#running;
	}

	get waiting(): number {
		return this.#waiting.length;
	}

	/** Milliseconds that a new free job would probably wait. */
	get waitMs(): number {
		return this.waitMsAt(this.#waiting.length + (this.#running ? 1 : 0));
	}

	/** Milliseconds that a job at this place will probably wait. */
	waitMsAt(place: number): number {
		return Math.round(place * this.#meanJobMs);
	}

	get(id: JobId): ServedJob | undefined {
		return this.#jobs.get(id);
	}

	/** The job, if any, that this link still waits for. */
	openJobOf(link: Link): ServedJob | undefined {
		return (
			[this.#running, ...this.#waiting].find((job) => job?.link === link && !job.isEnded) ??
			undefined
		);
	}

	/** The job, if any, that this purse still waits for. */
	openJobOfPurse(purse: string): ServedJob | undefined {
		return [this.#running, ...this.#waiting].find((job) => job?.purse === purse) ?? undefined;
	}

	/** @returns the place in the queue (0: runs at once), or null when it is full */
	add(job: ServedJob): number | null {
		if (this.#waiting.length >= MAX_WAITING_JOBS || this.#jobs.has(job.id)) return null;
		this.#jobs.set(job.id, job);
		const firstFree = this.#waiting.findIndex(({ isPaid }) => !isPaid);
		const index = job.isPaid && firstFree >= 0 ? firstFree : this.#waiting.length;
		this.#waiting.splice(index, 0, job);
		return this.placeOf(job);
	}

	placeOf(job: ServedJob): number {
		return this.#waiting.indexOf(job) + (this.#running ? 1 : 0);
	}

	/** Starts the next job if none runs: the first whose requester is still there. */
	advance(): void {
		if (this.#running) return;
		const index = this.#waiting.findIndex((job) => job.link !== null);
		const [job] = index < 0 ? [] : this.#waiting.splice(index, 1);
		this.#running = job ?? null;
		this.#onChange();
		if (!job) return;
		void job.run().then((finished) => {
			this.#running = null;
			if (job.link) job.link.beat = 'idle';
			if (job.link && job.isPaid) this.credits.set(job.link, job.credit);
			this.#meanJobMs += 0.3 * (finished.endedAt - finished.startedAt - this.#meanJobMs);
			this.#holdFor(job, () => this.#forget(job));
			this.#onFinished(finished);
			this.advance();
		});
	}

	attach(job: ServedJob, link: Link, from: number): boolean {
		if (!job.attach(link, from)) return false;
		if (!job.isEnded) this.#release(job.id);
		// The same credit, spent once, whichever link the end of the job is read by.
		else if (job.isPaid) this.credits.set(link, job.credit);
		this.advance();
		return true;
	}

	/** The link of these jobs broke: each is kept for `resume`, then dropped. */
	detach(link: Link): void {
		for (const job of this.#jobs.values()) {
			if (job.link !== link) continue;
			job.detach();
			if (!job.isEnded) this.#holdFor(job, () => this.drop(job));
		}
	}

	/** The link's requester is gone for good. */
	dropAllOf(link: Link): void {
		for (const job of [...this.#jobs.values()]) if (job.link === link) this.drop(job);
		this.advance();
	}

	/** Ends a job whose requester is gone for good, wherever it stands. */
	drop(job: ServedJob): void {
		job.cancel('gone');
		job.detach();
		if (job !== this.#running) {
			job.abandon();
			this.#waiting = this.#waiting.filter((other) => other !== job);
			this.#forget(job);
			this.#onChange();
		}
	}

	/** Cancels everything at once. */
	clear(): void {
		this.#waiting = [];
		this.#running?.cancel('draining');
		for (const timer of this.#holds.values()) clearTimeout(timer);
		this.#holds.clear();
		for (const job of this.#jobs.values()) {
			if (job === this.#running) continue;
			job.abandon();
			this.#jobs.delete(job.id);
		}
	}

	#holdFor(job: ServedJob, then: () => void): void {
		this.#release(job.id);
		this.#holds.set(job.id, setTimeout(then, HOLD_MS));
	}

	#release(id: JobId): void {
		clearTimeout(this.#holds.get(id));
		this.#holds.delete(id);
	}

	#forget(job: ServedJob): void {
		this.#release(job.id);
		this.#jobs.delete(job.id);
	}
}
