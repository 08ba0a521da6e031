/**
 * Fails every wait when what it waits for is gone. `Promise.race` against one long-lived promise
 * would do, but keeps a closure for each wait until that promise settles: one for every token.
 */
export class Lifeline {
	#cut: Error | null = null;
	readonly #listeners = new Set<(error: Error) => void>();

	/** Waits for `promise`, or throws the error that the line was cut with. */
	hold<T>(promise: Promise<T>): Promise<T> {
		return new Promise<T>((resolve, reject) => {
			const release = this.onCut(reject);
			promise.then(resolve, reject).finally(release);
		});
	}

	/**
	 * @param listener called once, at once if the line is cut already
	 * @returns removes the listener
	 */
	onCut(listener: (error: Error) => void): () => void {
		if (this.#cut !== null) {
			listener(this.#cut);
			return () => {};
		}
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Fails every wait, present and future. Only the first call counts. */
	cut(error: Error): void {
		if (this.#cut !== null) return;
		this.#cut = error;
		for (const listener of [...this.#listeners]) listener(error);
		this.#listeners.clear();
	}
}
