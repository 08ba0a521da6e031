/** A paid session whose contributor asks the real coordinator: its local chain by TonClient, and its outbox. */
import { Address } from '@ton/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { coordinatorOutbox } from '../../src/lib/chain/coordinator-outbox.ts';
import { accountOfAddress, addressOf } from '../../src/lib/chain/contracts/addresses.ts';
import { Purse } from '../../src/lib/chain/contracts/purse.ts';
import { parseExternalMessage } from '../../src/lib/chain/external-message.ts';
import { openPurses } from '../../src/lib/chain/open-purses.ts';
import type { PursePort } from '../../src/lib/chain/purse-port.ts';
import { Requester } from '../../src/lib/p2p/requester.ts';
import { openChainSite, TON, type ChainSite } from '../../src/lib/server/testing/chain-site.ts';
import { MemoryContributor, MODEL } from '../support/memory-contributor.ts';
import { listen, MemoryNetwork } from '../support/memory-network.ts';
import { FACE, makeEarner, makePayer, PAYEE, type Payer } from '../support/paid-parties.ts';
import { PAID_QUESTION } from '../support/paid-scene.ts';
import { ScriptedGenerator, words } from '../support/scripted-generator.ts';

const BOB = new Address(0, Buffer.alloc(32, 0xb0));
/** A run for a twentieth of the face value: every twentieth ticket wins. */
const DEAR = { promptPrice: '20000000', completionPrice: '31250000000' };

let site: ChainSite;
let port: PursePort;
let payer: Payer;

beforeAll(async () => {
	site = await openChainSite(100, BOB);
	port = await openPurses(site.url);
	payer = await makePayer();
	const purse = Purse.createFromConfig({
		owner: site.alice.address,
		number: 0,
		sessionKey: payer.session.publicKey,
		reserveNano: 4n * FACE
	});
	const account = accountOfAddress(purse.address);
	expect(await port.look(account)).toMatchObject({ ok: false, kind: 'absent' });
	const { init } = purse;
	if (!init?.code || !init.data) throw new Error('purse: expected code and data');
	await site.alice.send({
		...{ to: purse.address, value: 2n * TON, seqno: 2 },
		init: { code: init.code, data: init.data }
	});
	await vi.waitFor(async () => expect(await port.look(account)).toMatchObject({ ok: true }), {
		timeout: 20_000,
		interval: 100
	});
	const looked = await port.look(account);
	if (!looked.ok) throw new Error(looked.reason);
	Object.assign(payer.view, { purse: account, ...looked.look, readAtMs: Date.now() });
}, 90_000);
afterAll(() => site.server.close());

/** Asks until a ticket has won. */
async function askUntilWon(through: PursePort, pauses: object) {
	const earner = await makeEarner(through, {}, { outbox: coordinatorOutbox(site.url), pauses });
	const contributor = await MemoryContributor.create(
		new ScriptedGenerator({ length: 640, batch: 32 }),
		MODEL,
		{ jobs: 'paid', payments: earner.income, ...DEAR }
	);
	const network = new MemoryNetwork();
	network.contributors.push(contributor);
	const requester = new Requester({
		...{ directory: network, connect: network.connect, payments: payer.payments },
		timeouts: { firstTextMs: 20_000, textMs: 20_000, startMs: 20_000, cancelMs: 5_000 }
	});
	for (let jobs = 0; jobs < 40; jobs++) {
		const heard = await listen(requester.ask(PAID_QUESTION, new AbortController().signal));
		expect(heard.text).toBe(words(0, 640));
		const [winner] = (await earner.store.pendingWinners()).concat(
			...(await Promise.all(
				(await earner.store.jobs(9)).map(({ job }) => earner.store.winnersOf(job))
			))
		);
		if (winner) return { earner, winner };
	}
	throw new Error('40 jobs of 21 tickets, and none won');
}

describe('over the coordinator’s chain', () => {
	it('what was won arrives at an account that nobody has ever used', async () => {
		const before = await site.client.getBalance(addressOf(PAYEE));
		const { earner } = await askUntilWon(port, { firstMs: 200, maxMs: 500, finalMs: 300 });
		await vi.waitFor(() => expect(earner.redeemer.pending).toEqual([]), {
			timeout: 30_000,
			interval: 100
		});
		const totals = await earner.store.totals();
		expect(totals.paidOutNano + totals.feeNano).toBe(totals.drawnNano);
		expect(totals.feeNano / BigInt(totals.winners)).toBeLessThan(1_500_000n);
		const grown = (await site.client.getBalance(addressOf(PAYEE))) - before;
		expect(grown).toBe(totals.paidOutNano);
	}, 120_000);

	it('the outbox redeems what a page could not send before it closed', async () => {
		const cutOff: PursePort = {
			look: (purse) => port.look(purse),
			isRedeemed: (purse, id) => port.isRedeemed(purse, id),
			redeemMessage: (winner) => port.redeemMessage(winner),
			payout: (purse, id) => port.payout(purse, id),
			send: () => Promise.reject(new Error('the page is closing'))
		};
		const { earner, winner } = await askUntilWon(cutOff, { firstMs: 60_000 });
		await vi.waitFor(
			async () => expect((await earner.store.winnersOf(winner.job))[0]?.isInOutbox).toBe(true),
			{ timeout: 20_000, interval: 100 }
		);
		earner.redeemer.stop();
		const ticket = { ...winner, purse: payer.view.purse, payee: PAYEE };
		const { secret, signature } = winner;
		const message = await port.redeemMessage({ secret, signature, ticket });
		const id = Uint8Array.from(Buffer.from(winner.id, 'hex'));
		await vi.waitFor(async () => expect(await port.isRedeemed(payer.view.purse, id)).toBe(true), {
			timeout: 30_000,
			interval: 100
		});
		const parsed = parseExternalMessage(message, 4_096);
		if (!parsed.ok) throw new Error(parsed.message);
		const kept = await fetch(new URL(`/api/redeem/${parsed.message.hash}`, site.url));
		expect(await kept.json()).toMatchObject({ attempts: 1, error: null });
		expect(await port.payout(payer.view.purse, id)).toMatchObject({
			transaction: expect.stringMatching(/^[0-9a-f]{64}$/)
		});
	}, 120_000);
});
