import type { LoadProgress } from '../../worker/engine.ts';

type Download = Extract<LoadProgress, { phase: 'download' | 'verify' }>;

/** Share of the bytes that are here, or `null` while the total is unknown. */
export function downloadedShare({ loadedBytes, totalBytes }: Download): number | null {
	return totalBytes > 0 ? Math.min(loadedBytes / totalBytes, 1) : null;
}

/** Milliseconds until the download is done at the present speed; `null` where that says nothing. */
export function downloadLeftMs(progress: LoadProgress): number | null {
	if (progress.phase !== 'download') return null;
	const { loadedBytes, totalBytes, bytesPerSecond } = progress;
	if (totalBytes <= 0 || bytesPerSecond <= 0 || loadedBytes > totalBytes) return null;
	return ((totalBytes - loadedBytes) / bytesPerSecond) * 1000;
}

/** How ripe the berry is: download first, then each later step as one more part of the rest. */
export function ripeness(progress: LoadProgress | null): number {
	switch (progress?.phase) {
		case undefined:
			return 0;
		case 'download':
			return (downloadedShare(progress) ?? 0) * 0.8;
		case 'verify':
			return 0.8 + (downloadedShare(progress) ?? 0) * 0.04;
		case 'initialise':
			return 0.85 + (progress.fraction ?? 0) * 0.07;
		case 'warm-up':
			return 0.93;
		case 'benchmark':
			return 0.97;
	}
}
