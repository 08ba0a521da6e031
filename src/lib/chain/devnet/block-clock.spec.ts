import { describe, expect, it } from 'vitest';
import { BlockClock, type StoredHead } from './block-clock.ts';

/** A clock whose wall and monotonic time the test moves. */
function clockOf(stored: StoredHead | null, startMs = 1_790_000_000_000, blockMs = 2_000) {
	const time = { wallMs: startMs, monotonicMs: 5 };
	const clock = new BlockClock({
		...{ blockMs, shiftMs: 0, stored },
		wallMs: () => time.wallMs,
		monotonicMs: () => time.monotonicMs
	});
	const pass = (ms: number) => {
		time.wallMs += ms;
		time.monotonicMs += ms;
	};
	return { clock, time, pass };
}

describe('BlockClock', () => {
	it('counts a block for every block’s time, from 1', () => {
		const { clock, pass } = clockOf(null);
		expect(clock.head()).toEqual({ seqno: 1, utime: 1_790_000_000 });
		pass(1_999);
		expect(clock.head().seqno).toBe(1);
		expect(clock.msToNextBlock()).toBe(1);
		pass(1);
		expect(clock.head()).toEqual({ seqno: 2, utime: 1_790_000_002 });
		pass(20_000);
		expect(clock.head().seqno).toBe(12);
	});

	it('goes on after a restart as if it had counted all along', () => {
		const stored = { seqno: 100, utime: 1_790_000_000, wallMs: 1_790_000_000_000 };
		expect(clockOf(stored, 1_790_000_001_000).clock.head().seqno).toBe(101);
		expect(clockOf(stored, 1_790_000_060_000).clock.head().seqno).toBe(130);
	});

	it('never goes back when the machine’s clock is set back', () => {
		const { clock, time, pass } = clockOf(null);
		pass(10_000);
		const before = clock.head();
		time.wallMs -= 3_600_000;
		time.monotonicMs += 2_000;
		expect(clock.head()).toEqual({ seqno: before.seqno + 1, utime: before.utime });

		const stored = { seqno: 100, utime: 1_790_000_000, wallMs: 1_790_000_000_000 };
		const restarted = clockOf(stored, 1_780_000_000_000).clock;
		expect(restarted.head()).toEqual({ seqno: 101, utime: 1_790_000_000 });
	});

	it('travels ahead, and says how far for the next start', () => {
		const { clock } = clockOf(null);
		clock.travel(3_600);
		expect(clock.head()).toEqual({ seqno: 1, utime: 1_790_003_600 });
		expect(clock.shiftMs).toBe(3_600_000);
	});
});
