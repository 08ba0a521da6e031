/** From a question to coins in the payee's account: real sessions, real payments, the real contract. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { accountOf } from '../../src/lib/chain/account.ts';
import { ChainPurses } from '../../src/lib/chain/chain-purses.ts';
import { accountOfAddress, addressOf } from '../../src/lib/chain/contracts/addresses.ts';
import type { Purse } from '../../src/lib/chain/contracts/purse.ts';
import { Requester } from '../../src/lib/p2p/requester.ts';
import { MemoryContributor, MODEL } from '../support/memory-contributor.ts';
import { listen, MemoryNetwork } from '../support/memory-network.ts';
import { FACE, makeEarner, makePayer, PAYEE, type Earner } from '../support/paid-parties.ts';
import { PAID_QUESTION } from '../support/paid-scene.ts';
import { SandboxPort } from '../support/sandbox-port.ts';
import { ScriptedGenerator, words } from '../support/scripted-generator.ts';
import { IMPORT_SLACK, type PriceSet } from './support/prices.ts';
import { World } from './support/world.ts';

const never = new AbortController().signal;
const earners: Earner[] = [];
afterEach(() => earners.splice(0).forEach(({ redeemer }) => redeemer.stop()));

/** A run for a twentieth of the face value, the most that a ticket may cost: every twentieth wins. */
const DEAR = { promptPrice: '20000000', completionPrice: '31250000000' };

async function scene(prices: PriceSet = 'mainnet', depositNano = 2_000_000_000n) {
	const world = await World.create(prices);
	const chain = new SandboxPort(world);
	const port = new ChainPurses(chain);
	const nowMs = () => world.now * 1000;
	const payer = await makePayer(undefined, { nowMs });
	const purse = await world.openPurse(depositNano, { sessionKey: payer.session.publicKey });
	const account = accountOfAddress(purse.address);
	const info = await purse.getInfo();
	Object.assign(payer.view, { purse: account, ...pick(info), readAtMs: nowMs() });
	const earner = await makeEarner(
		port,
		{ terms: { network: world.network, payout: PAYEE, faceValues: [String(FACE)] }, nowMs },
		{ nowMs }
	);
	earners.push(earner);
	const network = new MemoryNetwork();
	const contributor = await MemoryContributor.create(
		new ScriptedGenerator({ length: 640, batch: 32 }),
		MODEL,
		{ jobs: 'paid', payments: earner.income, ...DEAR }
	);
	network.contributors.push(contributor);
	const requester = new Requester({
		...{ directory: network, connect: network.connect, payments: payer.payments },
		timeouts: { firstTextMs: 10_000, textMs: 10_000, startMs: 10_000, cancelMs: 5_000 }
	});
	const ask = () => listen(requester.ask(PAID_QUESTION, never));
	return { world, chain, port, payer, purse, account, earner, requester, ask };
}

const pick = ({ freeNano, reserveNano, unlockAt }: Awaited<ReturnType<Purse['getInfo']>>) => ({
	...{ freeNano, reserveNano, unlockAt }
});

/** Passes the chain's time, which the redeemer's pauses follow. */
async function settle({ earner, world }: Awaited<ReturnType<typeof scene>>): Promise<void> {
	await vi.waitFor(
		() => {
			world.pass(5);
			expect(earner.redeemer.pending).toEqual([]);
		},
		{ timeout: 20_000, interval: 30 }
	);
}

/** Asks until so many tickets have won: five a hundred do, a job has 21. */
async function askUntilWon(winners: number, all: Awaited<ReturnType<typeof scene>>): Promise<void> {
	for (let jobs = 0; jobs < 40; jobs++) {
		const heard = await all.ask();
		expect(heard.text).toBe(words(0, 640));
		if ((await all.earner.store.totals()).winners >= winners) return;
	}
	throw new Error('40 jobs of 21 tickets, and hardly one won');
}

describe('a paid session on a real purse', () => {
	it.each<[PriceSet, bigint, bigint]>([
		// Today's prices, and those of before the cut of April 2026: six times dearer.
		['mainnet', 500_000n, 1_500_000n],
		['sandbox', 3_000_000n, 9_000_000n]
	])(
		'brings the payee face values less the measured cost, at the prices %s',
		async (prices, least, most) => {
			const all = await scene(prices);
			const { world, earner, chain, purse } = all;
			const before = await world.balance(addressOf(PAYEE));
			const purseBefore = await world.balance(purse.address);
			await askUntilWon(3, all);
			await settle(all);
			const totals = await earner.store.totals();
			const winners = BigInt(totals.winners);
			expect(totals.drawnNano).toBe(winners * FACE);
			expect(chain.outcomes).toEqual(Array.from({ length: totals.winners }, () => 'done 0'));
			expect(earner.posted).toHaveLength(totals.winners);
			expect(totals.feeNano / winners).toBeGreaterThan(least);
			expect(totals.feeNano / winners).toBeLessThan(most);
			expect(totals.paidOutNano).toBe(totals.drawnNano - totals.feeNano);
			expect((await world.balance(addressOf(PAYEE))) - before).toBe(totals.paidOutNano);
			// The purse reckons the import of each message a hair too dear, and keeps the difference.
			const lostNano = purseBefore - (await world.balance(purse.address));
			expect(lostNano).toBeLessThanOrEqual(totals.drawnNano);
			expect(lostNano).toBeGreaterThanOrEqual(totals.drawnNano - winners * IMPORT_SLACK[prices]);
		},
		120_000
	);

	it('pays a winner once, however often its message is sent', async () => {
		const all = await scene();
		const { world, earner, port, chain } = all;
		await askUntilWon(1, all);
		await settle(all);
		const [job] = (await earner.store.jobs(40)).filter(({ winners }) => winners > 0);
		const [won] = await earner.store.winnersOf(job?.job ?? '');
		if (!won) throw new Error('no winner');
		const after = await world.balance(addressOf(PAYEE));
		const ticket = { ...won, purse: all.account, payee: PAYEE };
		const { secret, signature } = won;
		const message = await port.redeemMessage({ secret, signature, ticket });
		await expect(port.send(message)).rejects.toThrow('exit code 232');
		expect(chain.outcomes.at(-1)).toBe('refused 232');
		expect(await world.balance(addressOf(PAYEE))).toBe(after);
	}, 120_000);

	it('ends when the purse is emptied in the middle', async () => {
		const all = await scene();
		const { world, purse, earner, payer } = all;
		// The owner withdraws; the requester's own view is left as it was.
		const everything = { valueNano: 50_000_000n, amountNano: 0n };
		let withdrawn: Promise<unknown> | null = null;
		const heard = await listen(all.requester.ask(PAID_QUESTION, never), ({ kind }) => {
			if (kind === 'paid') withdrawn ??= purse.sendWithdraw(world.owner.getSender(), everything);
		});
		await withdrawn;
		expect(heard.last).toMatchObject({ kind: 'failed', failure: { code: 'purse_unfit' } });
		expect(heard.text.length).toBeLessThan(words(0, 640).length);
		expect(payer.view.freeNano).toBeGreaterThan(0n);
		// Whatever was won of the reserve is paid all the same.
		await settle(all);
		const { drawnNano, paidOutNano, feeNano } = await earner.store.totals();
		expect(paidOutNano + feeNano).toBe(drawnNano);
	}, 120_000);

	it('is not begun with an account that is no purse', async () => {
		const { port, world } = await scene();
		const wallet = accountOfAddress(world.stranger.address);
		expect(await port.look(wallet)).toMatchObject({ ok: false, kind: 'absent' });
		const nobody = accountOf(new Uint8Array(32).fill(3));
		expect(await port.look(nobody)).toMatchObject({ ok: false, kind: 'absent' });
	});

	it('is not begun with a purse that began with sets of its owner’s making', async () => {
		const { port, world, purse, account } = await scene();
		expect(await port.look(account)).toMatchObject({ ok: true });
		const fresh = new ChainPurses(new SandboxPort(world));
		await world.setPurseData(purse.address, { reserveNano: 1_000_000_000n });
		expect(await fresh.look(account)).toMatchObject({ ok: false, kind: 'absent' });
	});
});
