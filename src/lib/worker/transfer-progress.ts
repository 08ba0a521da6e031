import type { LoadProgress } from './engine.ts';

/** Speed is averaged over this long, so that it neither jumps nor lags. */
const WINDOW_MS = 4_000;

/**
 * Adds up the progress of several files and reckons the speed of the download.
 */
export class TransferProgress {
	readonly #report: (progress: LoadProgress) => void;
	readonly #now: () => number;
	readonly #files = new Map<string, { loadedBytes: number; totalBytes: number }>();
	#samples: { at: number; bytes: number }[] = [];

	/** @param sizes bytes of each file by path; 0 while unknown */
	constructor(
		sizes: ReadonlyMap<string, number>,
		report: (progress: LoadProgress) => void,
		now: () => number = () => performance.now()
	) {
		for (const [path, totalBytes] of sizes) this.#files.set(path, { loadedBytes: 0, totalBytes });
		this.#report = report;
		this.#now = now;
	}

	update(
		path: string,
		loadedBytes: number,
		totalBytes: number,
		phase: 'download' | 'verify'
	): void {
		const before = this.#files.get(path);
		this.#files.set(path, { loadedBytes, totalBytes: totalBytes || before?.totalBytes || 0 });
		const files = [...this.#files.values()];
		const sum = files.reduce((bytes, file) => bytes + file.loadedBytes, 0);
		const isTotalKnown = files.every((file) => file.totalBytes > 0);
		const progress = {
			loadedBytes: sum,
			totalBytes: isTotalKnown ? files.reduce((bytes, file) => bytes + file.totalBytes, 0) : 0
		};
		this.#report(
			phase === 'verify'
				? { phase, ...progress }
				: { phase, ...progress, bytesPerSecond: this.#speed(sum) }
		);
	}

	#speed(bytes: number): number {
		const at = this.#now();
		this.#samples = [
			...this.#samples.filter((sample) => sample.at > at - WINDOW_MS),
			{ at, bytes }
		];
		const [first] = this.#samples;
		if (first === undefined || at === first.at) return 0;
		return Math.max(0, ((bytes - first.bytes) / (at - first.at)) * 1000);
	}
}
