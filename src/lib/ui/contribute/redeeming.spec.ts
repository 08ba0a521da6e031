/** Redeemer and its store are real, and so are the locks; the chain is the test's. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeEarner, makeWinner, PAYEE } from '../../../../tests/support/paid-parties.ts';
import { ScriptedPurses } from '../../../../tests/support/scripted-purses.ts';
import { accountOf } from '../../chain/account.ts';
import { Redeemer } from '../../chain/redeemer.ts';
import { randomBytes } from '../../protocol/bytes.ts';
import type { EarningsStore } from '../../store/earnings.ts';
import { Redeeming } from './redeeming.ts';

const tabs: Redeeming[] = [];
afterEach(() => tabs.splice(0).forEach((tab) => tab.close()));

const pauses = { firstMs: 20, maxMs: 100, finalMs: 30 };

async function scene() {
	const chain = new ScriptedPurses();
	const { store } = await makeEarner(chain);
	const purse = accountOf(randomBytes(32));
	const win = async () => {
		const winner = await makeWinner({ purse });
		await chain.redeemMessage({ ...winner, ticket: { ...winner, purse, payee: PAYEE } });
		return winner;
	};
	return { chain, store, win };
}

function openTab(chain: ScriptedPurses, store: EarningsStore): Redeeming {
	const outbox = { post: async () => {} };
	const tab = new Redeeming({
		makeRedeemer: () => new Redeemer({ port: chain, outbox, store, nowMs: Date.now, pauses })
	});
	tabs.push(tab);
	return tab;
}

const settled = (store: EarningsStore) =>
	vi.waitFor(async () => expect(await store.pendingWinners()).toEqual([]), { timeout: 10_000 });

describe('the tab that redeems', () => {
	it('goes on with what an earlier page left, alone', async () => {
		const { chain, store, win } = await scene();
		await store.addWinner(await win());
		const [first, second] = [openTab(chain, store), openTab(chain, store)];
		first.wait();
		second.wait();
		await settled(store);
		expect([first.isHere, second.isHere]).toEqual([true, false]);
		expect(chain.sent).toHaveLength(1);
	});

	it('is another one once it is closed', async () => {
		const { chain, store, win } = await scene();
		const [first, second] = [openTab(chain, store), openTab(chain, store)];
		first.wait();
		second.wait();
		await vi.waitFor(() => expect(first.isHere).toBe(true));
		first.close();
		await vi.waitFor(() => expect(second.isHere).toBe(true));
		const winner = await win();
		await store.addWinner(winner);
		second.add(winner);
		await settled(store);
	});

	it('is the one that earns, and the other waits for its turn', async () => {
		const { chain, store } = await scene();
		const [first, second] = [openTab(chain, store), openTab(chain, store)];
		first.wait();
		await vi.waitFor(() => expect(first.isHere).toBe(true));
		second.take();
		await vi.waitFor(() => expect([first.isHere, second.isHere]).toEqual([false, true]));
		second.close();
		await vi.waitFor(() => expect(first.isHere).toBe(true));
	});

	it('takes its place for a winner of its own, also for one that could not be stored', async () => {
		const { chain, store, win } = await scene();
		const [first, second] = [openTab(chain, store), openTab(chain, store)];
		first.take();
		await vi.waitFor(() => expect(first.isHere).toBe(true));
		const winner = await win();
		second.add(winner);
		await vi.waitFor(() => expect(chain.sent).toEqual([winner.id]));
		expect(second.isHere).toBe(true);
	});
});
