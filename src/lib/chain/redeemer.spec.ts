/** The redeemer and its store are real; the chain and the clock are the test's. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
	FACE,
	makeEarner,
	makeWinner,
	NETWORK,
	PAYEE
} from '../../../tests/support/paid-parties.ts';
import { ScriptedPurses } from '../../../tests/support/scripted-purses.ts';
import { randomBytes } from '../protocol/bytes.ts';
import type { StoredWinner } from '../store/earning-records.ts';
import { accountOf } from './account.ts';
import type { Redeemer, RedeemerOptions } from './redeemer.ts';

const purse = accountOf(randomBytes(32));
const running: Redeemer[] = [];
afterEach(() => running.splice(0).forEach((redeemer) => redeemer.stop()));

async function scene(redeeming: Partial<RedeemerOptions> = {}) {
	const chain = new ScriptedPurses();
	const earner = await makeEarner(chain, {}, redeeming);
	running.push(earner.redeemer);
	const won = await makeWinner({ purse });
	await earner.store.addWinner(won);
	const settled = () =>
		vi.waitFor(() => expect(earner.redeemer.pending).toHaveLength(0), { timeout: 20_000 });
	return { chain, ...earner, won, settled };
}

describe('a winner', () => {
	it('is redeemed at once, and its job shows what came and what it took', async () => {
		const { redeemer, won, settled, store, posted, chain } = await scene();
		redeemer.add(won);
		await settled();
		expect(chain.sent).toEqual([won.id]);
		expect(posted).toEqual([won.id]);
		expect(await store.totals()).toMatchObject({
			...{ winners: 1, drawnNano: FACE, paidOutNano: 19_000_000n, feeNano: 1_000_000n }
		});
		const [stored] = await store.winnersOf('job');
		expect(stored).toMatchObject({ state: 'paid', payout: { transaction: won.id } });
	});

	it('is counted once however often it is stored', async () => {
		const { store, won } = await scene();
		await store.addWinner(won);
		expect(await store.totals()).toMatchObject({ winners: 1, drawnNano: FACE });
	});

	it.each<[string, Partial<StoredWinner>, boolean]>([
		['before it was sent', {}, false],
		['after it was sent', { attempts: 1 }, false],
		['after the purse paid', { attempts: 1 }, true],
		['after that was seen', { attempts: 1, state: 'seen', seenAt: 1 }, true]
	])('is redeemed once after a reload %s', async (_, stored, isPaid) => {
		const { redeemer, chain, store, won, settled } = await scene();
		await store.updateWinner(won.id, stored);
		await chain.redeemMessage({ ...won, ticket: { ...won, purse, payee: PAYEE } });
		if (isPaid) chain.pay(won.id);
		await redeemer.resume();
		await settled();
		expect(chain.sent).toEqual(isPaid ? [] : [won.id]);
		expect((await store.winnersOf('job'))[0]).toMatchObject({ state: 'paid' });
		expect(await store.totals()).toMatchObject({ winners: 1, paidOutNano: 19_000_000n });
	});

	it('is left alone by a page that stopped', async () => {
		const { redeemer, chain, won } = await scene();
		redeemer.stop();
		redeemer.add(won);
		await redeemer.resume();
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(chain.sent).toEqual([]);
	});

	it('is sent again while the chain is down, and when it comes back is paid', async () => {
		const { redeemer, won, settled, chain, store, posted } = await scene();
		chain.isDown = true;
		redeemer.add(won);
		await vi.waitFor(() => expect(redeemer.pending[0]?.attempts).toBeGreaterThan(1));
		expect(redeemer.pending[0]?.error).toBe('down');
		// The coordinator's outbox has it from the first attempt, once.
		expect(posted).toEqual([won.id]);
		chain.isDown = false;
		await settled();
		expect(await store.totals()).toMatchObject({ paidOutNano: 19_000_000n });
	});

	it('is sent again when a message is lost, or refused for want of money', async () => {
		const { redeemer, won, settled, chain } = await scene();
		let tries = 0;
		chain.onSend = (id) => {
			tries++;
			if (tries === 2) throw new Error('exit code 234');
			if (tries === 4) chain.pay(id);
		};
		redeemer.add(won);
		await settled();
		expect(tries).toBe(4);
	});

	it('whose block was taken back is sent again', async () => {
		const { redeemer, won, settled, chain, store } = await scene({
			pauses: { firstMs: 10, maxMs: 50, finalMs: 200 }
		});
		redeemer.add(won);
		await vi.waitFor(() => expect(redeemer.pending[0]?.state).toBe('seen'));
		chain.redeemed.delete(won.id);
		await vi.waitFor(() => expect(chain.sent).toEqual([won.id, won.id]));
		await settled();
		expect((await store.winnersOf('job'))[0]).toMatchObject({ state: 'paid' });
	});

	it('is given up when it has expired by the coordinator’s clock, whatever this one says', async () => {
		let offsetMs = 0;
		const { redeemer, won, settled, chain, store } = await scene({
			nowMs: () => Date.now() + offsetMs
		});
		chain.onSend = () => {};
		redeemer.add(won);
		await vi.waitFor(() => expect(chain.sent.length).toBeGreaterThan(1));
		expect(redeemer.pending).toHaveLength(1);
		offsetMs = won.expires * 1000 + 61_000 - Date.now();
		await settled();
		expect((await store.winnersOf('job'))[0]).toMatchObject({ state: 'expired', payout: null });
		expect(await store.totals()).toMatchObject({ drawnNano: FACE, paidOutNano: 0n });
	});

	it('makes a purse that has not paid for a minute unfit', async () => {
		let offsetMs = 0;
		const { redeemer, won, chain } = await scene({ nowMs: () => Date.now() + offsetMs });
		chain.onSend = () => {};
		redeemer.add(won);
		expect(redeemer.isOverdue(purse)).toBe(false);
		offsetMs = 61_000;
		expect(redeemer.isOverdue(purse)).toBe(true);
		expect(redeemer.isOverdue(PAYEE)).toBe(false);
	});
});

describe('earnings', () => {
	it('are summed over a session, a day and all time, and listed a page at a time', async () => {
		const { store } = await makeEarner(new ScriptedPurses());
		const sums = { network: NETWORK, purse, tickets: 2 };
		for (let n = 1; n <= 5; n++) {
			const job = { job: `job ${n}`, at: n * 1_000, expectedNano: BigInt(n), ...sums };
			await store.putTickets(job);
			await store.putTickets({ ...job, tickets: 3 });
		}
		expect(await store.totals()).toMatchObject({ jobs: 5, tickets: 15, expectedNano: 15n });
		expect(await store.totals(4_000)).toMatchObject({ jobs: 2, expectedNano: 9n });
		const [first, second] = await store.jobs(2);
		expect([first?.job, second?.job]).toEqual(['job 5', 'job 4']);
		expect((await store.jobs(9, second?.at)).map(({ job }) => job)).toEqual([
			...['job 3', 'job 2', 'job 1']
		]);
	});
});
