import { afterEach, describe, expect, it } from 'vitest';
import { WorkerLock } from './worker-lock.ts';

/** Each stands for a tab; they share this process's Web Locks as tabs share their browser's. */
const open: WorkerLock[] = [];
function tab(onLost: () => void = () => {}): WorkerLock {
	const lock = new WorkerLock(onLost);
	open.push(lock);
	return lock;
}

afterEach(() => {
	for (const lock of open.splice(0)) lock.close();
});

describe('the one worker of a browser', () => {
	it('is had by one tab, and by another after that', async () => {
		const [first, second] = [tab(), tab()];
		expect(await first.tryAcquire()).toBe(true);
		expect(await second.tryAcquire()).toBe(false);
		expect(await second.isElsewhere()).toBe(true);
		expect(await first.isElsewhere()).toBe(false);
		first.release();
		await second.untilFree(AbortSignal.timeout(1_000));
		expect(await second.tryAcquire()).toBe(true);
	});

	it('is handed over by a tab that is asked', async () => {
		const first: WorkerLock = tab(() => first.release());
		const second = tab();
		await first.tryAcquire();
		expect(await second.takeOver()).toBe(true);
		expect(first.isHeld).toBe(false);
		expect(second.isHeld).toBe(true);
	});

	it('is taken from a tab that does not answer', async () => {
		let told = 0;
		const deaf = tab(() => (told += 1));
		const second = tab();
		await deaf.tryAcquire();
		expect(await second.takeOver()).toBe(true);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(deaf.isHeld).toBe(false);
		// Once when it was asked, once when it was taken.
		expect(told).toBe(2);
	});
});
