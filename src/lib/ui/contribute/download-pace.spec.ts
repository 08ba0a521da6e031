import { describe, expect, it } from 'vitest';
import { downloadLeftMs, ripeness } from './download-pace.ts';

const download = (loadedBytes: number, totalBytes: number, bytesPerSecond: number) =>
	({ phase: 'download', loadedBytes, totalBytes, bytesPerSecond }) as const;

describe('the pace of a download', () => {
	it('tells the time left from the present speed', () => {
		expect(downloadLeftMs(download(25, 100, 25))).toBe(3000);
		expect(downloadLeftMs(download(100, 100, 25))).toBe(0);
	});

	it('says nothing where nothing can be said', () => {
		expect(downloadLeftMs(download(25, 0, 25))).toBeNull();
		expect(downloadLeftMs(download(25, 100, 0))).toBeNull();
		expect(downloadLeftMs(download(125, 100, 5))).toBeNull();
		expect(downloadLeftMs({ phase: 'warm-up' })).toBeNull();
	});

	it('ripens the berry from step to step, never back', () => {
		const steps = [
			ripeness(null),
			ripeness(download(0, 100, 1)),
			ripeness(download(100, 100, 1)),
			ripeness({ phase: 'verify', loadedBytes: 100, totalBytes: 100 }),
			ripeness({ phase: 'initialise', fraction: null }),
			ripeness({ phase: 'initialise', fraction: 1 }),
			ripeness({ phase: 'warm-up' }),
			ripeness({ phase: 'benchmark' })
		];
		expect(steps).toEqual([...steps].sort((a, b) => a - b));
		expect(steps.at(-1)).toBeLessThan(1);
	});
});
