/** Settings, terms and store are real; whatever reaches a chain or a wallet is the test's. */
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeWinner, NETWORK } from '../../../../tests/support/paid-parties.ts';
import { parseAccount } from '../../chain/account.ts';
import { NETWORKS } from '../../chain/networks.ts';
import type { ContributorPayments } from '../../p2p/payments.ts';
import type { PaidTerms } from '../../protocol/offer.ts';
import { EarningsStore } from '../../store/earnings.ts';
import { Earning, type EarningDesk, type Proven } from './earning.svelte.ts';

const payout = parseAccount(`0:${'5a'.repeat(32)}`);
const stops: (() => void)[] = [];
let stores = 0;

beforeEach(() => {
	const kept = new Map<string, string>();
	vi.stubGlobal('localStorage', {
		getItem: (key: string) => kept.get(key) ?? null,
		setItem: (key: string, text: string) => void kept.set(key, text)
	});
	vi.stubGlobal('document', { addEventListener() {}, removeEventListener() {}, hidden: false });
});
afterEach(() => {
	stops.splice(0).forEach((stop) => stop());
	vi.unstubAllGlobals();
});

async function scene(options: { isDown?: boolean; proven?: Proven } = {}) {
	const state = { isDown: options.isDown ?? false, desks: 0 };
	const told: string[] = [];
	const store = await EarningsStore.open(`earning-spec-${stores++}`);
	const openDesk = async (): Promise<EarningDesk> => {
		if (state.isDown) throw new Error('no answer');
		state.desks++;
		return {
			redeeming: { wait: () => told.push('wait'), take: () => told.push('take') },
			payments: (terms) => ({ terms: terms as PaidTerms }) as ContributorPayments,
			close: () => told.push('close')
		};
	};
	const prove = async () => options.proven ?? { ok: false as const, isError: false, text: 'no' };
	const earning = new Earning({ openStore: async () => store, openDesk, prove });
	const start = () => stops.push(earning.start(NETWORKS.devnet));
	return { earning, store, state, told, start };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('earning', () => {
	it('serves free jobs and loads nothing of a chain while there is no payout address', async () => {
		const { earning, state, start } = await scene();
		start();
		for (const jobs of ['both', 'paid', 'free'] as const) {
			earning.change({ jobs });
			earning.serve(true);
			await settle();
			expect(earning.terms).toEqual({ jobs: 'free' });
			earning.serve(false);
		}
		expect(state.desks).toBe(0);
	});

	it('loads nothing of a chain before it serves, with an address too', async () => {
		const { earning, state, start } = await scene();
		start();
		earning.change({ payout });
		await settle();
		expect(state.desks).toBe(0);
	});

	it('serves for pay as was chosen, and takes redeeming over', async () => {
		const { earning, told, start } = await scene();
		start();
		earning.change({ payout, faceValueNano: 100_000_000n, promptNano: 1n, completionNano: 2n });
		earning.serve(true);
		expect(earning.terms).toEqual({ jobs: 'free' });
		await vi.waitFor(() => expect(earning.terms?.jobs).toBe('both'));
		expect(earning.terms).toMatchObject({
			...{ promptPrice: '1', completionPrice: '2' },
			payments: { terms: { payout, faceValues: ['20000000', '100000000'] } }
		});
		expect(told).toEqual(['take']);
		earning.change({ jobs: 'free' });
		expect(earning.terms).toEqual({ jobs: 'free' });
	});

	it('has no terms, rather than free ones, while paid only cannot be set up', async () => {
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		try {
			const { earning, state, start } = await scene({ isDown: true });
			start();
			earning.change({ payout, jobs: 'paid' });
			earning.serve(true);
			await vi.waitFor(() => expect(earning.fault).toBe('no answer'));
			expect(earning.terms).toBeNull();
			state.isDown = false;
			await vi.advanceTimersByTimeAsync(15_000);
			await vi.waitFor(() => expect(earning.terms?.jobs).toBe('paid'));
			expect(earning.fault).toBeNull();
		} finally {
			vi.useRealTimers();
		}
	});

	it('serves free jobs meanwhile where both are wanted', async () => {
		const { earning, start } = await scene({ isDown: true });
		start();
		earning.change({ payout });
		earning.serve(true);
		await vi.waitFor(() => expect(earning.fault).toBe('no answer'));
		expect(earning.terms).toEqual({ jobs: 'free' });
	});

	it('goes on with winners of an earlier visit without being asked, of this network alone', async () => {
		const other = await scene();
		await other.store.addWinner(await makeWinner({ network: -239 }));
		other.start();
		await settle();
		expect(other.told).toEqual([]);
		const mine = await scene();
		await mine.store.addWinner(await makeWinner({ network: NETWORK }));
		mine.start();
		await vi.waitFor(() => expect(mine.told).toEqual(['wait']));
	});

	it('keeps an address that a wallet has proven, and nothing of one that said no', async () => {
		const no = await scene();
		no.start();
		expect(await no.earning.prove()).toMatchObject({ ok: false, text: 'no' });
		expect(no.earning.settings.payout).toBeNull();
		if (!payout) throw new Error('expected an account');
		const yes = await scene({ proven: { ok: true, account: payout } });
		yes.start();
		await yes.earning.prove();
		expect(yes.earning.settings).toMatchObject({ payout, isProven: true });
	});
});

describe('what was earned', () => {
	it('is summed by day and in all, for one network, with each job’s winners', async () => {
		const { earning, store, start } = await scene();
		const day = 86_400_000;
		const job = (name: string, at: number, network = NETWORK) =>
			store.putTickets({ job: name, at, network, purse: 'p', tickets: 3, expectedNano: 50n });
		await job('old', Date.now() - 2 * day);
		await job('new', Date.now());
		await job('elsewhere', Date.now(), -239);
		const winner = await makeWinner({ job: 'new' });
		await store.addWinner(winner);
		const payoutRecord = { paidNano: 18_900_000n, feeNano: 1_100_000n, transaction: winner.id };
		await store.updateWinner(winner.id, { state: 'paid', payout: payoutRecord });
		start();
		await vi.waitFor(() => expect(earning.view.reading).not.toBeNull());
		const { reading } = earning.view;
		expect(reading?.today).toMatchObject({
			...{ jobs: 1, tickets: 3, winners: 1, expectedNano: 50n },
			...{ drawnNano: 20_000_000n, paidOutNano: 18_900_000n, feeNano: 1_100_000n }
		});
		expect(reading?.all).toMatchObject({ jobs: 2, tickets: 6, expectedNano: 100n });
		expect(reading?.history.map(({ job: { job } }) => job)).toEqual(['new', 'old']);
		expect(reading?.history[0]?.winners).toMatchObject([{ id: winner.id, state: 'paid' }]);
		expect(reading?.hasMore).toBe(false);
	});

	it('shows twenty jobs at a time', async () => {
		const { earning, store, start } = await scene();
		for (let at = 1; at <= 25; at++) {
			const sums = { tickets: 1, expectedNano: 1n };
			await store.putTickets({ job: `job ${at}`, at, network: NETWORK, purse: 'p', ...sums });
		}
		start();
		await vi.waitFor(() => expect(earning.view.reading?.history).toHaveLength(20));
		expect(earning.view.reading?.hasMore).toBe(true);
		earning.view.more();
		await vi.waitFor(() => expect(earning.view.reading?.history).toHaveLength(25));
		expect(earning.view.reading?.hasMore).toBe(false);
	});
});
