/** Both sides are real, sessions and payments; engines and chains are scripted. */
import { describe, expect, it, vi } from 'vitest';
import { MODEL } from '../../../tests/support/memory-contributor.ts';
import { listen, type Heard } from '../../../tests/support/memory-network.ts';
import { makeEarner, makePayer, NETWORK, PRICES } from '../../../tests/support/paid-parties.ts';
import {
	addContributor,
	costOf,
	framesOf,
	FREE_QUESTION,
	PAID_QUESTION,
	paidScene
} from '../../../tests/support/paid-scene.ts';
import { words } from '../../../tests/support/scripted-generator.ts';
import type { AnswerPart } from '../p2p/answer-events.ts';
import { signReceipt, ticketsDigest, verifyReceipt, type Receipt } from '../protocol/receipt.ts';

const never = new AbortController().signal;

function partsOf({ last }: Heard): AnswerPart[] {
	if (last?.kind !== 'done') throw new Error(`expected a whole answer, found ${last?.kind}`);
	return last.parts;
}

describe('a paid job', () => {
	it('pays the prompt and each run, one ahead, and gets the whole answer', async () => {
		const { requester, contributor, network } = await paidScene({ length: 70 });
		const heard = await listen(requester.ask(PAID_QUESTION, never));
		expect(heard.text).toBe(words(0, 70));
		// Run 3 has 6 of its 32 tokens, and run 4 was asked for when it began.
		const paidNano = costOf(128);
		expect(heard.last).toMatchObject({ kind: 'done', costNano: costOf(70), paidNano });
		expect(contributor.finished[0]?.pay).toEqual({ costNano: costOf(70), paidNano });
		const slots = framesOf(network, 'ticket').map(({ seq, part }) => [seq, part]);
		expect(slots).toEqual([0, 1, 2, 3, 4].map((seq) => [seq, 0]));
		expect(heard.events.filter(({ kind }) => kind === 'paid')).toHaveLength(5);
	});

	it('ends with a receipt that has prices, amount and tickets, and holds on both sides', async () => {
		const { requester, contributor, payer, network } = await paidScene({ length: 70 });
		const heard = await listen(requester.ask(PAID_QUESTION, never));
		const [part] = partsOf(heard);
		const verified = await verifyReceipt(part?.evidence?.entry);
		if (!verified.ok) throw new Error(verified.reason);
		const { receipt } = verified.value;
		const { promptPrice: prompt, completionPrice: completion } = PRICES;
		const ids = await Promise.all(
			framesOf(network, 'ticket').map(async ({ job, seq, part: index }) => {
				const record = await payer.store.find(job, seq, index);
				if (!record) throw new Error(`run ${seq}: a ticket was sent that is not stored`);
				return record.id;
			})
		);
		expect(ids).toHaveLength(5);
		expect(receipt).toMatchObject({
			...{ prices: { prompt, completion }, nano: String(costOf(70)), runs: 3 },
			tickets: await ticketsDigest(ids)
		});
		expect(part?.mismatch).toBeNull();
		expect(contributor.finished[0]?.receipt).toBe(part?.evidence?.entry);
	});

	it('has a receipt also when it was stopped, and goes on with the credit', async () => {
		const { requester, contributor } = await paidScene({ length: 500, delayMs: 2 });
		const stop = new AbortController();
		const heard = await listen(requester.ask(PAID_QUESTION, stop.signal), (event) => {
			if (event.kind === 'text' && event.tokens >= 40) stop.abort();
		});
		const [part] = partsOf(heard);
		expect(part?.mismatch).toBeNull();
		expect(await verifyReceipt(part?.evidence?.entry)).toMatchObject({
			ok: true,
			value: { receipt: { finish: 'cancelled', nano: String(part?.costNano) } }
		});
		expect(contributor.finished[0]?.receipt).toBe(part?.evidence?.entry);
	});

	it.each<[string, (receipt: Receipt) => Receipt]>([
		['nano', (r) => ({ ...r, nano: String(BigInt(r.nano) + 1n) })],
		['prices', (r) => ({ ...r, prices: { ...r.prices, completion: '1' } })],
		['tickets', (r) => ({ ...r, tickets: { ...r.tickets, count: r.tickets.count + 1 } })],
		['tickets', (r) => ({ ...r, tickets: { count: r.tickets.count, digest: r.answer } })],
		['tickets', (r) => ({ ...r, tickets: { count: 0 } })]
	])('is not believed where its receipt has other %s than were paid', async (field, change) => {
		const { requester, contributor } = await paidScene({ length: 70 });
		contributor.changeReceipts(async (text) => {
			const verified = await verifyReceipt(text);
			if (!verified.ok) throw new Error(verified.reason);
			return signReceipt(contributor.identity.privateKey, change(verified.value.receipt));
		});
		const heard = await listen(requester.ask(PAID_QUESTION, never));
		expect(heard.text).toBe(words(0, 70));
		expect(partsOf(heard)[0]?.mismatch).toMatch(new RegExp(`^${field}: `));
	});

	it('never sends text of a run before its ticket came', async () => {
		const { requester, contributor } = await paidScene({ length: 200, batch: 7 });
		const log: string[] = [];
		const open = contributor.open.bind(contributor);
		contributor.open = () => {
			const near = open();
			const far = contributor.channels.at(-1);
			const [send, take] = [far?.send.bind(far), near.send.bind(near)];
			if (far && send) far.send = (text) => (log.push(text), send(text));
			near.send = (text) => (log.push(text), take(text));
			return near;
		};
		await listen(requester.ask(PAID_QUESTION, never));
		let paidRun = -1;
		for (const text of log) {
			const frame = JSON.parse(text);
			if (frame.t === 'ticket') paidRun = Math.max(paidRun, frame.seq);
			if (frame.t === 'text')
				expect(Math.ceil((frame.from + frame.n) / 32)).toBeLessThanOrEqual(paidRun);
		}
		expect(paidRun).toBe(8);
	});

	it('asks for a run while the one before it is made, and not earlier', async () => {
		const { requester, contributor } = await paidScene({ length: 96 });
		await listen(requester.ask(PAID_QUESTION, never));
		const order = (contributor.channels[0]?.sent ?? [])
			.map((text) => JSON.parse(text))
			.flatMap(({ t, seq }) => (t === 'due' || t === 'chunk' ? [`${t} ${seq}`] : []));
		expect(order).toEqual([
			...['chunk 0', 'due 0', 'due 1', 'due 2', 'chunk 1'],
			...['due 3', 'chunk 2', 'due 4', 'chunk 3']
		]);
	});

	it('asks for no run beyond max_tokens, and for what is left of the last', async () => {
		const { requester, contributor, network } = await paidScene({ length: 200 });
		const question = { ...PAID_QUESTION, sampling: { max_tokens: 40 } };
		const heard = await listen(requester.ask(question, never));
		expect(heard.last).toMatchObject({ costNano: costOf(40), paidNano: costOf(40) });
		expect(framesOf(network, 'ticket')).toHaveLength(3);
		const dues = contributor.channels[0]?.sent.filter((text) => text.includes('"t":"due"'));
		expect(dues?.map((text) => JSON.parse(text).nano)).toEqual([
			String(costOf(0)),
			String(costOf(32) - costOf(0)),
			String(costOf(40) - costOf(32))
		]);
	});

	it('keeps what was paid and not delivered as credit for the next job', async () => {
		const { requester, contributor, payer } = await paidScene({ length: 40 });
		await listen(requester.ask(PAID_QUESTION, never));
		const creditNano = costOf(96) - costOf(40);
		const second = await listen(requester.ask(PAID_QUESTION, never));
		expect(second.last).toMatchObject({ costNano: costOf(40), paidNano: costOf(96) - creditNano });
		expect(contributor.finished).toHaveLength(2);
		expect(contributor.finished[1]?.pay?.costNano).toBe(costOf(40));
		const paidNano = await payer.store.signedSince(payer.purse, 0);
		expect(paidNano).toBe(2n * costOf(96) - creditNano);
	});

	it('takes a prompt dearer than a ticket in parts', async () => {
		const dear = { promptPrice: '1000000000000', completionPrice: '160000000' };
		const { requester, network } = await paidScene({ length: 5 }, dear);
		const heard = await listen(requester.ask(PAID_QUESTION, never));
		// Three prompt tokens for 0.003: three tickets of 0.001, a twentieth of the face value.
		expect(heard.last).toMatchObject({ kind: 'done', finish: 'stop' });
		const slots = framesOf(network, 'ticket').map(({ seq, part }) => [seq, part]);
		expect(slots.slice(0, 4)).toEqual([
			[0, 0],
			[0, 1],
			[0, 2],
			[1, 0]
		]);
	});

	it('costs nothing where the prices are zero', async () => {
		const { requester, network } = await paidScene(
			{ length: 40 },
			{ promptPrice: '0', completionPrice: '0' }
		);
		const heard = await listen(requester.ask(PAID_QUESTION, never));
		expect(heard.last).toMatchObject({ kind: 'done', costNano: 0n, paidNano: 0n });
		expect(framesOf(network, 'ticket')).toEqual([]);
	});

	it('tells the contributor’s history what its tickets are worth', async () => {
		const { requester, earner } = await paidScene({ length: 70 });
		await listen(requester.ask(PAID_QUESTION, never));
		await vi.waitFor(async () => {
			const totals = await earner.store.totals();
			expect(totals).toMatchObject({ jobs: 1, tickets: 5, expectedNano: costOf(128) });
		});
	});

	it('goes on at the same contributor after a dropped connection, and signs nothing twice', async () => {
		const { requester, network, payer, contributor } = await paidScene({ length: 150, delayMs: 2 });
		const dropAt = [20, 75, 100];
		const heard = await listen(requester.ask(PAID_QUESTION, never), (event) => {
			if (event.kind !== 'text' || event.tokens < (dropAt[0] ?? Infinity)) return;
			dropAt.shift();
			network.opened.at(-1)?.channel.close();
		});
		expect(heard.text).toBe(words(0, 150));
		expect(heard.kinds.filter((kind) => kind === 'resumed')).toHaveLength(3);
		expect(heard.last).toMatchObject({ paidNano: costOf(192), parts: [{ tokens: 150 }] });
		expect(await payer.store.signedSince(payer.purse, 0)).toBe(costOf(192));
		const tickets = framesOf(network, 'ticket');
		const bySlot = new Map(tickets.map((ticket) => [ticket.seq, ticket.sig]));
		expect(tickets.every(({ seq, sig }) => bySlot.get(seq) === sig)).toBe(true);
		// What is asked next on the link of the resume is under that link's terms.
		const second = await listen(requester.ask(PAID_QUESTION, never));
		expect(second.last).toMatchObject({ kind: 'done', costNano: costOf(150) });
		expect(contributor.finished).toHaveLength(2);
	});

	it('is asked again for a ticket that was lost with the connection, and sends the same one', async () => {
		const { requester, network, contributor, payer } = await paidScene({ length: 70, delayMs: 2 });
		const open = contributor.open.bind(contributor);
		const lost: string[] = [];
		contributor.open = () => {
			const near = open();
			const send = near.send.bind(near);
			near.send = (text) => {
				const isLost =
					lost.length === 0 && text.includes('"t":"ticket"') && text.includes('"seq":2');
				if (isLost) lost.push(text);
				else send(text);
			};
			return near;
		};
		const heard = await listen(requester.ask(PAID_QUESTION, never), (event) => {
			if (event.kind === 'text' && event.tokens >= 20 && network.opened.length === 1) {
				network.opened[0]?.channel.close();
			}
		});
		expect(heard.kinds).toContain('resumed');
		expect(heard.text).toBe(words(0, 70));
		const again = network.opened[1]?.channel.sent ?? [];
		expect(lost).toHaveLength(1);
		expect(again).toEqual(expect.arrayContaining(lost));
		expect(await payer.store.signedSince(payer.purse, 0)).toBe(costOf(128));
	});

	it('pays both contributors of an answer that is carried on', async () => {
		const { requester, network, contributor, chain } = await paidScene({ length: 120, delayMs: 2 });
		const second = await addContributor(network, await makeEarner(chain), { length: 120 });
		const heard = await listen(requester.ask(PAID_QUESTION, never), (event) => {
			if (event.kind !== 'text' || event.tokens < 40) return;
			network.absent.add(contributor.candidate.peer);
			contributor.links.forEach((link) => link.channel.close());
		});
		expect(heard.text).toBe(words(0, 120));
		expect(heard.kinds).toContain('continued');
		const laterNano = second.finished[0]?.pay?.paidNano ?? 0n;
		expect(laterNano).toBeGreaterThan(0n);
		if (heard.last?.kind !== 'done') throw new Error('not done');
		// The first was paid for two runs, and for the third, which it had begun.
		expect(heard.last.paidNano - laterNano).toBeGreaterThanOrEqual(costOf(96));
		expect(heard.last.parts).toHaveLength(2);
	});

	it('goes before free ones that wait', async () => {
		const { network, contributor, requester, payer } = await paidScene({ length: 40, delayMs: 3 });
		const free = (n: number) => listen(network.requester().ask(FREE_QUESTION, never)).then(() => n);
		const order: number[] = [];
		const running = free(1);
		await vi.waitFor(() => expect(contributor.queue.running).not.toBeNull());
		const waiting = [free(2), free(3)];
		await vi.waitFor(() => expect(contributor.queue.waiting).toBe(2));
		const paid = listen(requester.ask(PAID_QUESTION, never)).then(() => 4);
		for (const each of [running, ...waiting, paid]) void each.then((n) => order.push(n));
		await Promise.all([running, ...waiting, paid]);
		expect(order).toEqual([1, 4, 2, 3]);
		expect(await payer.store.signedSince(payer.purse, 0)).toBeGreaterThan(0n);
	});

	it('is not for contributors that serve free jobs alone, nor a free one for those that want pay', async () => {
		const { network, requester, contributor, earner } = await paidScene({ length: 5 });
		network.contributors.length = 0;
		await addContributor(network, null, { length: 5 });
		const free = await listen(requester.ask(PAID_QUESTION, never));
		expect(free.last).toMatchObject({ kind: 'failed', failure: { kind: 'no_contributor' } });
		network.contributors.length = 0;
		await addContributor(network, earner, { length: 5 }, 'paid');
		const paid = await listen(requester.ask(FREE_QUESTION, never));
		expect(paid.last).toMatchObject({ kind: 'failed', failure: { kind: 'no_contributor' } });
		expect(contributor.finished).toEqual([]);
	});

	it('passes over who asks for more than was agreed', async () => {
		const { requester } = await paidScene({ length: 5 });
		const ceiling = { promptNano: 20_000_000n, completionNano: 159_999_999n };
		const dear = await listen(requester.ask({ ...PAID_QUESTION, paid: { ceiling } }, never));
		expect(dear.last).toMatchObject({ kind: 'failed', failure: { kind: 'no_contributor' } });
		const enough = { ...ceiling, completionNano: 160_000_000n };
		const good = await listen(
			requester.ask({ ...PAID_QUESTION, paid: { ceiling: enough } }, never)
		);
		expect(good.last).toMatchObject({ kind: 'done' });
	});

	it('dials again when the terms of an old link no longer hold', async () => {
		const { requester, contributor, network, earner, chain } = await paidScene({ length: 5 });
		await listen(requester.ask(PAID_QUESTION, never));
		const dearer = { ...PRICES, completionPrice: '320000000' };
		contributor.terms = { jobs: 'both', payments: earner.income, ...dearer };
		// The network lists the same key with its new offer.
		const renewed = await contributor.renewed();
		network.contributors.splice(0, 1, renewed);
		const heard = await listen(requester.ask(PAID_QUESTION, never));
		expect(heard.last).toMatchObject({ kind: 'done', finish: 'stop' });
		expect(network.opened).toHaveLength(2);
		expect(renewed.finished[0]?.pay?.costNano).toBe(costOf(0) + (costOf(5) - costOf(0)) * 2n);
		expect(chain.purses.size).toBe(1);
	});
});

describe('a requester without what it takes', () => {
	it('is told so before anything is sent', async () => {
		const { requester, payer } = await paidScene({ length: 5 });
		const ask = async () => (await listen(requester.ask(PAID_QUESTION, never))).last;
		const refusal = (expected: object) => ({
			kind: 'failed',
			failure: { kind: 'unpaid', refusal: expected }
		});
		Object.assign(payer.view, { unlockAt: 5 });
		expect(await ask()).toMatchObject(refusal({ kind: 'unlocking' }));
		Object.assign(payer.view, { unlockAt: 0, freeNano: 59_999_999n });
		expect(await ask()).toMatchObject(refusal({ kind: 'purse_low', neededNano: 60_000_000n }));
		Object.assign(payer.view, { freeNano: 10n ** 9n, streams: 4 });
		expect(await ask()).toMatchObject(refusal({ kind: 'too_many_jobs' }));
		Object.assign(payer.view, { streams: 0, reserveNano: 79_999_999n });
		expect(await ask()).toMatchObject(refusal({ kind: 'reserve_low', neededNano: 80_000_000n }));
		Object.assign(payer.view, { reserveNano: 80_000_000n, network: -239 });
		expect(await ask()).toMatchObject(refusal({ kind: 'network', purse: -239, offer: NETWORK }));
		payer.view.network = NETWORK;
		payer.budgets.dayNano = 0n;
		expect(await ask()).toMatchObject(refusal({ kind: 'day_limit' }));
		requester.payments = null;
		expect(await ask()).toMatchObject(refusal({ kind: 'no_purse' }));
	});

	it('stops at its limit, keeps what was paid for, and may go on with a higher one', async () => {
		const { requester, contributor } = await paidScene({ length: 200 });
		const limitNano = costOf(64);
		const heard = await listen(requester.ask({ ...PAID_QUESTION, paid: { limitNano } }, never));
		expect(heard.text).toBe(words(0, 64));
		expect(heard.last).toMatchObject({
			kind: 'failed',
			failure: {
				kind: 'unpaid',
				refusal: { kind: 'answer_limit', limitNano, neededNano: costOf(96) }
			},
			parts: [{ tokens: 64, costNano: costOf(64) }]
		});
		expect(contributor.finished[0]?.outcome).toEqual({ kind: 'finished', finish: 'cancelled' });
		const prefix = { prefix: heard.text, digest: MODEL.digest };
		const rest = await listen(requester.ask({ ...PAID_QUESTION, ...prefix }, never));
		expect(heard.text + rest.text).toBe(words(0, 200));
	});

	it('stops in the middle when the purse runs low, and asks for a top-up', async () => {
		const { requester, payer } = await paidScene({ length: 200 });
		const heard = await listen(requester.ask(PAID_QUESTION, never), (event) => {
			if (event.kind === 'text') payer.view.freeNano = 1n;
		});
		expect(heard.last).toMatchObject({ failure: { refusal: { kind: 'purse_low' } } });
		expect(heard.text.length).toBeGreaterThan(0);
	});

	it('counts tickets that may still win against what is free', async () => {
		const { requester, payer } = await paidScene({ length: 70 });
		payer.view.freeNano = 60_000_000n + costOf(128) - 1n;
		await listen(requester.ask(PAID_QUESTION, never));
		const again = await listen(requester.ask(PAID_QUESTION, never));
		expect(again.last).toMatchObject({ failure: { refusal: { kind: 'purse_low' } } });
		// A later look at the chain says what is left indeed.
		payer.view.readAtMs = Date.now() + 120_000;
		const later = await listen(requester.ask(PAID_QUESTION, never));
		expect(later.last).toMatchObject({ kind: 'done' });
	});

	it('never has more than four answers paid at once', async () => {
		const payer = await makePayer();
		const terms = { network: NETWORK, payout: payer.purse, faceValues: ['20000000'] };
		const ticketExpires = (Math.floor(Date.now() / 86_400_000) + 2) * 86_400 - 1;
		const open = () =>
			payer.payments
				.begin()
				.open({ job: 'j' as never, transcript: new Uint8Array(32), terms, ticketExpires });
		const opened = [await open(), await open(), await open(), await open()];
		expect(opened.every(({ ok }) => ok)).toBe(true);
		expect(await open()).toMatchObject({ ok: false, refusal: { kind: 'too_many_jobs' } });
		if (opened[0]?.ok) opened[0].payment.close();
		expect(await open()).toMatchObject({ ok: true });
	});
});
