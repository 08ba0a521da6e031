/** Whether anybody can see the page. */
export interface Visibility {
	isHidden(): boolean;
	/** @returns what stops listening */
	onChange(listener: () => void): () => void;
}

export const pageVisibility: Visibility = {
	isHidden: () => document.hidden,
	onChange(listener) {
		document.addEventListener('visibilitychange', listener);
		return () => document.removeEventListener('visibilitychange', listener);
	}
};

const MAX_BACKOFF = 16;

export interface PollerOptions {
	/** One look; a rejection makes the next one wait longer. */
	look: () => Promise<void>;
	/** Asked anew after each look. */
	intervalMs: () => number;
	visibility: Visibility;
}

/** Looks again and again, one look at a time, and rests while the page is hidden. */
export class Poller {
	readonly #options: PollerOptions;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#looking: Promise<void> | null = null;
	#failures = 0;
	#stop: (() => void) | null = null;

	constructor(options: PollerOptions) {
		this.#options = options;
	}

	/** Looks at once and from then on; what it returns ends it. */
	start(): () => void {
		this.#stop ??= this.#options.visibility.onChange(() => this.#onVisibility());
		void this.now();
		return () => {
			this.#stop?.();
			this.#stop = null;
			clearTimeout(this.#timer);
		};
	}

	/** Looks now; joins a look that is under way. Does not reject. */
	now(): Promise<void> {
		clearTimeout(this.#timer);
		this.#looking ??= this.#look().finally(() => (this.#looking = null));
		return this.#looking;
	}

	async #look(): Promise<void> {
		try {
			await this.#options.look();
			this.#failures = 0;
		} catch {
			this.#failures += 1;
		}
		this.#schedule();
	}

	#schedule(): void {
		clearTimeout(this.#timer);
		if (!this.#stop || this.#options.visibility.isHidden()) return;
		const factor = Math.min(2 ** this.#failures, MAX_BACKOFF);
		this.#timer = setTimeout(() => void this.now(), this.#options.intervalMs() * factor);
	}

	#onVisibility(): void {
		if (this.#options.visibility.isHidden()) clearTimeout(this.#timer);
		else void this.now();
	}
}
