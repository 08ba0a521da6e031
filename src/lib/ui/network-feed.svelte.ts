import { parseNetworkFigures, type NetworkFigures } from './network-figures.ts';

const POLL_MS = 10_000;
/** While nobody serves anything the reader waits for the first one. */
const EMPTY_POLL_MS = 4_000;
const REQUEST_TIMEOUT_MS = 8_000;

/** Live figures of the network, asked for gently: it rests while the page is hidden. */
export class NetworkFeed {
	#figures = $state.raw<NetworkFigures | null>(null);
	#isUnreachable = $state(false);
	#timer: ReturnType<typeof setTimeout> | undefined;
	#stopped = new AbortController();

	/** `null` until the first answer. */
	get figures(): NetworkFigures | null {
		return this.#figures;
	}

	/** The last request failed; `figures` then holds what was known before. */
	get isUnreachable(): boolean {
		return this.#isUnreachable;
	}

	/** Starts asking; what it returns stops it. */
	start(): () => void {
		this.#stopped = new AbortController();
		const { signal } = this.#stopped;
		document.addEventListener('visibilitychange', () => void this.#onVisibility(), { signal });
		void this.refresh();
		return () => {
			this.#stopped.abort();
			clearTimeout(this.#timer);
		};
	}

	async refresh(): Promise<void> {
		clearTimeout(this.#timer);
		const { signal } = this.#stopped;
		try {
			const response = await fetch('/api/network', {
				signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)])
			});
			const figures = response.ok ? parseNetworkFigures(await response.json()) : null;
			if (figures) this.#figures = figures;
			this.#isUnreachable = figures === null;
		} catch {
			// Whatever the reason, the next request is the remedy.
			if (signal.aborted) return;
			this.#isUnreachable = true;
		}
		if (signal.aborted || document.hidden) return;
		clearTimeout(this.#timer);
		const isEmpty = (this.#figures?.models.length ?? 0) === 0;
		this.#timer = setTimeout(() => void this.refresh(), isEmpty ? EMPTY_POLL_MS : POLL_MS);
	}

	async #onVisibility(): Promise<void> {
		if (document.hidden) clearTimeout(this.#timer);
		else await this.refresh();
	}
}
