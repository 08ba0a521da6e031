import { expect, it } from 'vitest';
import type { LoadProgress } from './engine.ts';
import { TransferProgress } from './transfer-progress.ts';

function track(sizes: [string, number][]) {
	const seen: LoadProgress[] = [];
	let nowMs = 0;
	const progress = new TransferProgress(
		new Map(sizes),
		(step) => seen.push(step),
		() => nowMs
	);
	return {
		seen,
		at(ms: number, ...update: Parameters<TransferProgress['update']>) {
			nowMs = ms;
			progress.update(...update);
			return seen.at(-1);
		}
	};
}

it('adds up several files', () => {
	const { at } = track([
		['a', 100],
		['b', 300]
	]);
	at(0, 'a', 100, 100, 'download');
	expect(at(1000, 'b', 50, 300, 'download')).toEqual({
		phase: 'download',
		loadedBytes: 150,
		totalBytes: 400,
		bytesPerSecond: 50
	});
});

it('does not know the total while one file is of unknown size', () => {
	const { at } = track([
		['a', 100],
		['b', 0]
	]);
	expect(at(0, 'a', 10, 100, 'download')).toMatchObject({ totalBytes: 0 });
	expect(at(1, 'b', 10, 50, 'download')).toMatchObject({ totalBytes: 150 });
});

it('reckons the speed over the last seconds only', () => {
	const { at } = track([['a', 10_000]]);
	at(0, 'a', 0, 0, 'download');
	at(10_000, 'a', 1000, 0, 'download');
	expect(at(11_000, 'a', 3000, 0, 'download')).toMatchObject({ bytesPerSecond: 2000 });
});

it('has no speed to tell of while verifying', () => {
	const { at } = track([['a', 10]]);
	expect(at(0, 'a', 10, 10, 'verify')).toEqual({
		phase: 'verify',
		loadedBytes: 10,
		totalBytes: 10
	});
});
