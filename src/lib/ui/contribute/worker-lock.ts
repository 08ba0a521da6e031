/**
 * One model worker a browser: a second tab would fight the first for the same graphics card and the
 * same peer id. A Web Lock says who has it, a broadcast asks the holder to hand it over.
 */
const NAME = 'mulberry-worker';
/** A holder that was asked gets so long to say goodbye to its peers; then the lock is taken. */
const HAND_OVER_MS = 3_000;

export class WorkerLock {
	readonly #channel = new BroadcastChannel(NAME);
	#release: (() => void) | null = null;

	/**
	 * @param onLost another tab asked for the worker or took it; whoever holds it stops now and calls
	 * `release`
	 */
	constructor(onLost: () => void) {
		this.#onLost = onLost;
		this.#channel.onmessage = () => {
			if (this.#release) onLost();
		};
	}

	readonly #onLost: () => void;

	get isHeld(): boolean {
		return this.#release !== null;
	}

	/** Takes the lock if no other tab has it. */
	tryAcquire(): Promise<boolean> {
		return this.#request({ ifAvailable: true });
	}

	/** Asks the tab that has the lock to let go, and takes it in the end. */
	async takeOver(): Promise<boolean> {
		this.#channel.postMessage('move');
		try {
			return await this.#request({ signal: AbortSignal.timeout(HAND_OVER_MS) });
		} catch {
			return this.#request({ steal: true });
		}
	}

	/** Whether another tab has it right now. */
	async isElsewhere(): Promise<boolean> {
		if (this.#release) return false;
		const { held } = await navigator.locks.query();
		return held?.some(({ name }) => name === NAME) ?? false;
	}

	/** Resolves once no tab has it. @throws AbortSignal's reason */
	async untilFree(signal: AbortSignal): Promise<void> {
		await navigator.locks.request(NAME, { signal }, async () => {});
	}

	release(): void {
		this.#release?.();
		this.#release = null;
	}

	close(): void {
		this.release();
		this.#channel.close();
	}

	#request(options: LockOptions): Promise<boolean> {
		return new Promise((resolve, reject) => {
			navigator.locks
				.request(NAME, options, (lock) => {
					if (!lock) return resolve(false);
					resolve(true);
					return new Promise<void>((release) => (this.#release = release));
				})
				.catch((error: unknown) => {
					if (!this.#release) return reject(error);
					// Taken away while it was held.
					this.#release = null;
					this.#onLost();
				});
		});
	}
}
