/** The contributor and what it is paid with are real; requesters are played by hand, chains scripted. */
import { describe, expect, it, vi } from 'vitest';
import { MemoryContributor, MODEL } from '../../../tests/support/memory-contributor.ts';
import {
	FACE,
	makeEarner,
	makePayer,
	makeWinner,
	PRICES
} from '../../../tests/support/paid-parties.ts';
import { costOf } from '../../../tests/support/paid-scene.ts';
import { RawPayer, type TicketParts } from '../../../tests/support/raw-payer.ts';
import { ScriptedGenerator, words } from '../../../tests/support/scripted-generator.ts';
import { ScriptedPurses } from '../../../tests/support/scripted-purses.ts';
import { randomBytes } from '../protocol/bytes.ts';
import type { FrameOf } from '../protocol/frames.ts';
import { createIdentity } from '../protocol/keys.ts';
import { accountOf } from './account.ts';
import type { PurseLook } from './purse-port.ts';
import type { RedeemerOptions } from './redeemer.ts';
import type { TicketIncomeOptions } from './ticket-income.ts';

async function scene(
	length = 200,
	changes: Partial<TicketIncomeOptions> = {},
	redeeming: Partial<RedeemerOptions> = {}
) {
	const chain = new ScriptedPurses();
	const payer = await makePayer(chain);
	const earner = await makeEarner(chain, changes, redeeming);
	const generator = new ScriptedGenerator({ length });
	const contributor = await MemoryContributor.create(generator, MODEL, {
		...{ jobs: 'both', payments: earner.income, ...PRICES }
	});
	contributor.ticketTimeoutMs = 250;
	return { chain, payer, earner, contributor, generator };
}

const refused = (code: string) => ({ t: 'refuse', code });
const leftFor = (code: string) => ({ t: 'bye', end: { code, byPeer: true } });

describe('a requester that stops paying', () => {
	it.each([
		[0, 0],
		[1, 0],
		[2, 32],
		[4, 96]
	])('at run %i has %i tokens and gets nothing more', async (stopAt, tokens) => {
		const { contributor, payer, generator } = await scene();
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		const heard = await liar.follow(async (due) => (due.seq < stopAt ? liar.ticketFor(due) : null));
		expect(heard.end).toMatchObject(refused('unpaid'));
		expect(heard.text).toBe(words(0, tokens));
		expect(generator.made).toBeLessThanOrEqual(tokens + 1);
		expect(contributor.finished[0]?.pay?.paidNano).toBe(
			stopAt === 0 ? 0n : costOf((stopAt - 1) * 32)
		);
	});

	it('after the prompt was read for nothing a few times is not served any more', async () => {
		const { contributor, payer } = await scene();
		for (let n = 0; n < 3; n++) {
			const liar = await RawPayer.connect(contributor, payer);
			await liar.sendJob();
			expect((await liar.follow(async () => null)).end).toMatchObject(refused('unpaid'));
		}
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		expect((await liar.followAndPay()).end).toMatchObject({
			...refused('not_allowed'),
			field: 'pay.purse'
		});
		// Somebody else is.
		const other = await makePayer();
		expect(other.purse).not.toBe(payer.purse);
	});

	it('and leaves with the prompt’s prefill costs the contributor that, and no more', async () => {
		const { contributor, payer, generator } = await scene();
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		await liar.follow(async () => (liar.link.bye('cancelled', 'thank you'), null));
		await vi.waitFor(() => expect(contributor.finished).toHaveLength(1));
		expect(contributor.finished[0]).toMatchObject({
			pay: { costNano: costOf(0), paidNano: 0n },
			completionTokens: 0
		});
		expect(generator.made).toBeLessThanOrEqual(1);
	});
});

describe('credit', () => {
	const duesOf = async (payer: RawPayer) => {
		await payer.sendAnotherJob();
		const { dues } = await payer.followAndPay();
		return dues.map(({ seq, nano }) => [seq, BigInt(nano)]);
	};
	const prompt = costOf(0);
	const run = costOf(32) - prompt;

	it('is spent once, though the end of its job is read by two links', async () => {
		const { contributor, payer } = await scene(20);
		const first = await RawPayer.connect(contributor, payer);
		await first.sendJob();
		const { end } = await first.followAndPay();
		const creditNano = costOf(64) - costOf(20);
		expect(end).toMatchObject({ t: 'done', creditNano: String(creditNano) });
		const second = await RawPayer.connect(contributor, payer);
		second.resume(first);
		expect((await second.followAndPay()).end).toEqual(end);
		// Prompt and run 1 are covered, and a part of run 2.
		const left = [2, prompt + 2n * run - creditNano];
		expect(await duesOf(first)).toEqual([left]);
		// The credit that the first has now is of its own second job.
		expect(await duesOf(second)).toEqual([
			[0, prompt],
			[1, run],
			[2, run]
		]);
	});

	it('is not given again to who did not pay for what it was spent on', async () => {
		const { contributor, payer } = await scene(20);
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		await liar.followAndPay();
		await liar.sendAnotherJob();
		// The whole answer is covered by credit but for run 2, which is never paid and never made.
		const second = await liar.follow(async () => null, 2_000);
		expect(second).toMatchObject({ text: words(0, 20), end: { t: 'done' } });
		const leftNano = costOf(64) - 2n * costOf(20);
		expect(second.end).toMatchObject({ creditNano: String(leftNano) });
		expect(await duesOf(liar)).toEqual([
			[1, prompt + run - leftNano],
			[2, run]
		]);
	});
});

const other = accountOf(randomBytes(32));
const FORGERIES: [string, () => Promise<Partial<TicketParts>>][] = [
	['signs with another key', async () => ({ signer: (await createIdentity()).privateKey })],
	['names another network', async () => ({ network: -239 })],
	['names another purse', async () => ({ purse: other })],
	['names another payee', async () => ({ payee: other })],
	['promises less', async () => ({ faceValueNano: FACE - 1n })],
	['gives worse odds', async () => ({ priceNano: 1n })],
	['lets it expire sooner', async () => ({ expires: 1_800_000_000 })],
	['uses a commit of its own', async () => ({ commit: randomBytes(32) })],
	['names another state', async () => ({ receipt: randomBytes(32) })]
];

describe('a requester that forges a ticket', () => {
	it.each(FORGERIES)('and %s is shown the door', async (_, forge) => {
		const { contributor, payer } = await scene();
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		const changes = await forge();
		const heard = await liar.follow((due) => liar.ticketFor(due, due.seq === 1 ? changes : {}));
		expect(heard.end).toMatchObject(leftFor('bad_ticket'));
		expect(heard.text).toBe('');
		await vi.waitFor(() =>
			expect(contributor.finished[0]?.outcome).toEqual({ kind: 'broken', code: 'bad_ticket' })
		);
	});

	it('by replaying an earlier one is shown the door', async () => {
		const { contributor, payer } = await scene();
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		let first: FrameOf<'ticket'> | null = null;
		const heard = await liar.follow(async (due) => {
			const honest = (first ??= await liar.ticketFor(due));
			return { ...honest, seq: due.seq };
		});
		expect(heard.end).toMatchObject(leftFor('bad_ticket'));
	});

	it('with a salt that it used before is shown the door, also in another job', async () => {
		const { contributor, payer } = await scene(20);
		const salt = randomBytes(32);
		const honest = await RawPayer.connect(contributor, payer);
		await honest.sendJob();
		const good = await honest.follow((due) => honest.ticketFor(due, due.seq === 0 ? { salt } : {}));
		expect(good.end).toMatchObject({ t: 'done', finish: 'stop' });
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		const heard = await liar.follow((due) => liar.ticketFor(due, { salt }));
		expect(heard.end).toMatchObject(leftFor('bad_ticket'));
	});

	it('twice for the same run, to have another draw, is shown the door', async () => {
		const { contributor, payer } = await scene();
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		const heard = await liar.follow(async (due) => {
			liar.link.send(await liar.ticketFor(due));
			return due.seq === 2 ? liar.ticketFor(due) : null;
		});
		expect(heard.end).toMatchObject(leftFor('bad_ticket'));
	});

	it('that nobody asked for breaks the protocol', async () => {
		const { contributor, payer } = await scene();
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		const heard = await liar.follow(async (due) => ({ ...(await liar.ticketFor(due)), seq: 9 }));
		expect(heard.end).toMatchObject(leftFor('protocol'));
	});

	it('for another’s job breaks the protocol', async () => {
		const { contributor, payer } = await scene();
		const victim = await RawPayer.connect(contributor, payer);
		await victim.sendJob();
		const liar = await RawPayer.connect(contributor, await makePayer());
		const heard = await victim.follow(async (due) => {
			const ticket = await victim.ticketFor(due);
			if (due.seq === 0) liar.link.send(ticket);
			return ticket;
		});
		expect(heard.text).toBe(words(0, 200));
		expect(await liar.link.ended).toMatchObject({ code: 'protocol' });
	});
});

const UNFIT: [string, Partial<PurseLook>][] = [
	['is empty', { freeNano: 0n }],
	['has less than three face values free', { freeNano: 3n * FACE - 1n }],
	['has its reserve eaten into', { freeNano: -5n }],
	['is being unlocked', { unlockAt: 1_900_000_000 }],
	['was unlocked', { unlockAt: 1 }],
	['is short of reserve', { reserveNano: 4n * FACE - 1n }],
	['has another session key', { sessionKey: new Uint8Array(32).fill(9) }]
];

describe('a requester whose purse', () => {
	it.each(UNFIT)('%s is refused before it may pay', async (_, changes) => {
		const { contributor, payer, chain, generator } = await scene();
		chain.change(payer.purse, changes);
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		const heard = await liar.followAndPay();
		expect(heard).toMatchObject({ text: '', dues: [], end: refused('purse_unfit') });
		expect(generator.made).toBeLessThanOrEqual(1);
	});

	it('is of unknown code, or on another network, is no purse here', async () => {
		const { contributor, payer, chain } = await scene();
		chain.purses.set(payer.purse, { ok: false, kind: 'absent', reason: 'code: not a known purse' });
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob();
		const { end } = await liar.followAndPay();
		expect(end).toMatchObject({ ...refused('purse_unfit'), field: 'pay.purse' });
	});

	it.each([
		['zero', 'A'.repeat(43)],
		['one', `AQ${'A'.repeat(41)}`]
	])('has the key %s, under which anybody signs, is refused at once', async (_, key) => {
		const { contributor, payer, chain, generator } = await scene();
		const liar = await RawPayer.connect(contributor, payer);
		const sig = 'A'.repeat(86);
		await liar.sendJob({ pay: { kind: 'purse', purse: payer.purse, key, sig } });
		const { end } = await liar.followAndPay();
		expect(end).toMatchObject({ ...refused('purse_unfit'), field: 'pay.key' });
		expect([chain.looks, generator.requests.length]).toEqual([0, 0]);
	});

	it('is somebody else’s is refused at once: its key did not sign for this link', async () => {
		const { contributor, payer, generator } = await scene();
		const liar = await RawPayer.connect(contributor, payer);
		await liar.sendJob({}, (await createIdentity()).privateKey);
		const { end } = await liar.followAndPay();
		expect(end).toMatchObject({ ...refused('purse_unfit'), field: 'pay.sig' });
		expect(generator.requests).toEqual([]);
	});

	it('pays another job already has to wait for it', async () => {
		const { contributor, payer } = await scene();
		const first = await RawPayer.connect(contributor, payer);
		const second = await RawPayer.connect(contributor, payer);
		await first.sendJob();
		await first.link.next();
		await second.sendJob();
		const { end } = await second.followAndPay();
		expect(end).toMatchObject({ ...refused('not_allowed'), field: 'pay.purse' });
		expect((await first.followAndPay()).text).toBe(words(0, 200));
	});

	it('is drained in the middle is noticed by the next looks, a hundredth of a face value later', async () => {
		const dear = { promptPrice: '20000000', completionPrice: '6250000000' };
		const { contributor, payer, chain, earner } = await scene(1_000);
		contributor.terms = { jobs: 'both', payments: earner.income, ...dear };
		const renewed = await contributor.renewed();
		const liar = await RawPayer.connect(renewed, payer);
		liar.prices = dear;
		await liar.sendJob();
		const paid: number[] = [];
		const heard = await liar.follow(async (due) => {
			// A run costs a hundredth of the face value. Run 5 is paid from an empty purse.
			if (due.seq === 5) chain.change(payer.purse, { freeNano: -FACE });
			paid.push(due.seq);
			return liar.ticketFor(due);
		});
		expect(heard.end).toMatchObject(refused('purse_unfit'));
		expect(paid.at(-1)).toBeLessThanOrEqual(8);
	});
});

describe('a chain', () => {
	it('that is slow is waited for while the prompt is read, and no longer', async () => {
		const { contributor, payer, chain } = await scene(40);
		chain.delayMs = 100;
		const slow = await RawPayer.connect(contributor, payer);
		await slow.sendJob();
		expect((await slow.followAndPay()).text).toBe(words(0, 40));
		expect(chain.looks).toBeGreaterThanOrEqual(1);
	});

	it('that does not answer in time leaves the job unpaid and refused', async () => {
		const { contributor, payer, chain } = await scene(40, { lookTimeoutMs: 50 });
		chain.delayMs = 60_000;
		const waiting = await RawPayer.connect(contributor, payer);
		await waiting.sendJob();
		expect((await waiting.followAndPay()).end).toMatchObject(refused('purse_unfit'));
	});

	it('that is down stops paid jobs, and those under way within half a minute', async () => {
		let now = 0;
		const { contributor, payer, chain } = await scene(1_000, { steadyMs: () => now });
		const going = await RawPayer.connect(contributor, payer);
		await going.sendJob();
		let lastRun = 0;
		const heard = await going.follow(async (due) => {
			if (due.seq === 3) chain.isDown = true;
			if (due.seq > 3) now += 5_000;
			lastRun = due.seq;
			return going.ticketFor(due);
		});
		expect(heard.end).toMatchObject(refused('purse_unfit'));
		expect(lastRun).toBeGreaterThan(6);
		expect(lastRun).toBeLessThan(14);
		const late = await RawPayer.connect(contributor, payer);
		await late.sendJob();
		expect((await late.followAndPay()).end).toMatchObject(refused('purse_unfit'));
	});

	it('that lies about a balance costs one winner at most: an unpaid one ends the purse’s jobs', async () => {
		let aheadMs = 0;
		const nowMs = () => Date.now() + aheadMs;
		const { contributor, payer, chain, earner } = await scene(40, { nowMs }, { nowMs });
		const ask = async () => {
			const liar = await RawPayer.connect(contributor, payer);
			await liar.sendJob();
			return liar.followAndPay();
		};
		chain.onSend = () => {
			throw new Error('exit code 234');
		};
		const winner = await makeWinner({ purse: payer.purse });
		earner.redeemer.add(winner);
		expect((await ask()).text).toBe(words(0, 40));
		aheadMs = 61_000;
		expect((await ask()).end).toMatchObject(refused('purse_unfit'));
		// Once it has paid after all it is served again.
		chain.onSend = (id) => chain.pay(id);
		await vi.waitFor(() => expect(earner.redeemer.isOverdue(payer.purse)).toBe(false));
		expect((await ask()).text).toBe(words(0, 40));
	});

	it('is not asked again for a purse that was looked at a moment ago', async () => {
		const { contributor, payer, chain } = await scene(20);
		for (let n = 0; n < 3; n++) {
			const payerAgain = await RawPayer.connect(contributor, payer);
			await payerAgain.sendJob();
			expect((await payerAgain.followAndPay()).text).toBe(words(0, 20));
		}
		expect(chain.looks).toBe(1);
	});
});
