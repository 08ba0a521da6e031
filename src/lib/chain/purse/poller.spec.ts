import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Poller, type Visibility } from './poller.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function page() {
	let isHidden = false;
	const listeners = new Set<() => void>();
	const visibility: Visibility = {
		isHidden: () => isHidden,
		onChange(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		}
	};
	const setHidden = (value: boolean) => {
		isHidden = value;
		listeners.forEach((listener) => listener());
	};
	return { visibility, setHidden, listeners };
}

it('looks at once, then every so often, rests while hidden and looks when it is seen again', async () => {
	const { visibility, setHidden, listeners } = page();
	const look = vi.fn(async () => {});
	const stop = new Poller({ look, intervalMs: () => 100, visibility }).start();
	expect(look).toHaveBeenCalledTimes(1);
	await vi.advanceTimersByTimeAsync(250);
	expect(look).toHaveBeenCalledTimes(3);
	setHidden(true);
	await vi.advanceTimersByTimeAsync(10_000);
	expect(look).toHaveBeenCalledTimes(3);
	setHidden(false);
	expect(look).toHaveBeenCalledTimes(4);
	stop();
	await vi.advanceTimersByTimeAsync(10_000);
	expect(look).toHaveBeenCalledTimes(4);
	expect(listeners.size).toBe(0);
});

it('waits longer after each failure, and not for ever', async () => {
	const look = vi.fn(async () => Promise.reject(new Error('away')));
	const stop = new Poller({ look, intervalMs: () => 100, visibility: page().visibility }).start();
	await vi.advanceTimersByTimeAsync(199);
	expect(look).toHaveBeenCalledTimes(1);
	await vi.advanceTimersByTimeAsync(1);
	expect(look).toHaveBeenCalledTimes(2);
	await vi.advanceTimersByTimeAsync(100_000);
	const { length } = look.mock.calls;
	await vi.advanceTimersByTimeAsync(1_600);
	expect(look).toHaveBeenCalledTimes(length + 1);
	stop();
});

it('never looks twice at once', async () => {
	let finish: () => void = () => {};
	const look = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
	const poller = new Poller({ look, intervalMs: () => 100, visibility: page().visibility });
	const stop = poller.start();
	const joined = poller.now();
	await vi.advanceTimersByTimeAsync(1_000);
	expect(look).toHaveBeenCalledTimes(1);
	finish();
	await joined;
	stop();
});
