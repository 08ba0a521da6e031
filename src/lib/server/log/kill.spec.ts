import { describe, expect, it } from 'vitest';
import { killRounds } from '../../../../tests/log/kill-rounds.ts';

/** `npm run test:log-kills -- --times 1000` does more of them. */
const ROUNDS = 20;

describe('a log whose process is killed while it adds', () => {
	it('has all that it confirmed, under its signed root, every time', async () => {
		const { rounds, confirmed, entries } = await killRounds(ROUNDS, Math.random);
		expect(rounds).toBe(ROUNDS);
		expect(confirmed).toBeGreaterThan(0);
		expect(entries).toBeGreaterThanOrEqual(confirmed);
	}, 240_000);
});
