import type { ArtifactProgress } from './artifacts.ts';

/**
 * Passes on at most one report per `everyMs`: the first of each phase at once, later ones the latest
 * when its time has come, so that what is shown last is what was reported last.
 */
export class ProgressThrottle {
	#listener: ArtifactProgress;
	#everyMs: number;
	#pending: Parameters<ArtifactProgress> | null = null;
	#phase = '';
	#timer: ReturnType<typeof setTimeout> | null = null;

	constructor(listener: ArtifactProgress, everyMs: number) {
		this.#listener = listener;
		this.#everyMs = everyMs;
	}

	readonly report: ArtifactProgress = (...report) => {
		const isNewPhase = report[2] !== this.#phase;
		this.#phase = report[2];
		if (isNewPhase) this.end();
		this.#pending = report;
		if (this.#timer === null) this.#pass();
	};

	/** Passes on what still waits. Call it when nothing more will come. */
	end(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		if (this.#pending !== null) this.#listener(...this.#pending);
		this.#pending = null;
	}

	#pass(): void {
		if (this.#pending === null) {
			this.#timer = null;
			return;
		}
		this.#listener(...this.#pending);
		this.#pending = null;
		this.#timer = setTimeout(() => this.#pass(), this.#everyMs);
	}
}
