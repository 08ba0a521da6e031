/**
 * One tab signs tickets of a purse at a time: two would not see what the other has signed, and budgets and
 * "never sign a run twice" hold in one tab only.
 */
const WAIT_MS = 2_000;

type Locks = Pick<LockManager, 'request'>;

export class SignerLock {
	readonly #name: string;
	readonly #locks: Locks;
	#held: Promise<boolean> | null = null;
	#release: (() => void) | null = null;
	#users = 0;

	/** @param purse raw address */
	constructor(purse: string, locks: Locks = navigator.locks) {
		this.#name = `mulberry-signer ${purse}`;
		this.#locks = locks;
	}

	/** Jobs of this tab that sign right now. */
	get users(): number {
		return this.#users;
	}

	/**
	 * Takes the lock for one job; jobs of one tab share it.
	 *
	 * @returns what gives it back, or `null` while another tab signs
	 */
	async acquire(waitMs = WAIT_MS): Promise<(() => void) | null> {
		this.#users += 1;
		this.#held ??= this.#request(waitMs);
		if (!(await this.#held)) {
			this.#drop();
			return null;
		}
		let isMine = true;
		return () => {
			if (isMine) this.#drop();
			isMine = false;
		};
	}

	#drop(): void {
		this.#users -= 1;
		if (this.#users > 0) return;
		this.#release?.();
		this.#release = null;
		this.#held = null;
	}

	#request(waitMs: number): Promise<boolean> {
		return new Promise((resolve) => {
			this.#locks
				.request(this.#name, { signal: AbortSignal.timeout(waitMs) }, () => {
					resolve(true);
					return new Promise<void>((release) => (this.#release = release));
				})
				.catch(() => resolve(false));
		});
	}
}
