import { describe, expect, it } from 'vitest';
import { randomBytes } from '../protocol/bytes.ts';
import { accountOf } from './account.ts';
import { commitTo, drawOf } from './draw.ts';
import { oddsFor } from './odds.ts';
import { makeTicket, ticketId, type TicketTerms } from './ticket.ts';

const FACE = 20_000_000n;
const PRICE = FACE / 20n;
const DRAWS = 100_000;
const ONE = 2 ** 64;

const terms: TicketTerms = {
	network: -217,
	purse: accountOf(randomBytes(32)),
	payee: accountOf(randomBytes(32)),
	faceValueNano: FACE,
	expires: 1_795_651_199
};

const BATCH = 1_000;

/** Draws of tickets as the two sides make them, each with a salt of its own. */
async function playBatch(): Promise<bigint[]> {
	const secret = randomBytes(32);
	const due = { priceNano: PRICE, commit: await commitTo(secret), receipt: randomBytes(32) };
	const play = async () => drawOf(secret, await ticketId(makeTicket(terms, due)));
	return Promise.all(Array.from({ length: BATCH }, play));
}

describe('a hundred thousand draws', () => {
	it('win as often as their odds say, within five sigma', async () => {
		const draws: bigint[] = [];
		while (draws.length < DRAWS) {
			draws.push(...(await playBatch()));
		}
		const prices = [PRICE, PRICE / 10n, PRICE / 50n];
		for (const odds of [...prices.map((price) => oddsFor(price, FACE)), 1n << 63n]) {
			const won = draws.filter((draw) => draw < odds).length;
			const probability = Number(odds) / ONE;
			const sigma = Math.sqrt(DRAWS * probability * (1 - probability));
			expect(Math.abs(won - DRAWS * probability)).toBeLessThan(5 * sigma);
		}
		expect(new Set(draws).size).toBe(DRAWS);
	}, 120_000);
});
