/** Who pays and who is paid, face to face, without sessions between them. */
import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import {
	FACE,
	makeEarner,
	makePayer,
	NETWORK,
	PAYEE,
	type Earner,
	type Payer
} from '../../../tests/support/paid-parties.ts';
import { ScriptedPurses } from '../../../tests/support/scripted-purses.ts';
import { PaymentPlan } from '../protocol/amounts.ts';
import { toHex, u32, type Bytes } from '../protocol/bytes.ts';
import type { JobId } from '../protocol/ids.ts';
import type { JobIncome, JobPayment } from '../p2p/payments.ts';
import { accountOf } from './account.ts';
import { commitTo, isWinning, ticketSecret } from './draw.ts';
import { ticketExpiry, ticketId, type Ticket } from './ticket.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z');
const JOB = 'AAAAAAAAAAAAAAAAAAAAAA' as JobId;
const hash = (text: string): Bytes => new Uint8Array(createHash('sha256').update(text).digest());

const lastingSecret = () =>
	crypto.subtle.importKey('raw', hash('secret'), { name: 'HMAC', hash: 'SHA-256' }, false, [
		'sign'
	]);

interface Table {
	payer: Payer;
	earner: Earner;
	payment: JobPayment;
	income: JobIncome;
}

/** One job on both sides, with seeded secrets and salts. */
async function table(job = JOB): Promise<Table> {
	const chain = new ScriptedPurses();
	const nowMs = () => NOON;
	let salts = 0;
	const payer = await makePayer(chain, { nowMs, salt: () => hash(`salt ${salts++}`) });
	const result = chain.purses.get(payer.purse);
	const purse = accountOf(hash('purse'));
	if (result) chain.purses.set(purse, result);
	// Read later than anything is signed: nothing is outstanding.
	Object.assign(payer.view, { purse, readAtMs: NOON + 120_000 });
	const earner = await makeEarner(
		chain,
		{ nowMs, lastingSecret: await lastingSecret() },
		{ nowMs }
	);
	const transcript = hash('transcript');
	const { terms } = earner.income;
	const common = { job, transcript, terms, ticketExpires: ticketExpiry(NOON) };
	const opened = await payer.payments.begin(10n ** 12n).open(common);
	payer.budgets.dayNano = 10n ** 12n;
	if (!opened.ok) throw new Error(JSON.stringify(opened.refusal.kind));
	const taken = await earner.income.open({ ...common, pay: opened.payment.pay });
	if (!taken.ok) throw new Error(taken.fault.text);
	expect(await taken.income.ready()).toEqual({ ok: true, maxTicketNano: FACE / 20n });
	return { payer, earner, payment: opened.payment, income: taken.income };
}

/** Pays so many runs of one token. @returns ids of all tickets, in order */
async function pay({ payment, income }: Table, runs: number, from = 1): Promise<string[]> {
	const ids: string[] = [];
	const plan = new PaymentPlan({
		prices: { promptNano: 0n, completionNano: (FACE / 20n) * 1_000_000n },
		...{ promptTokens: 0, chunkTokens: 1, maxTokens: from + runs, creditNano: 0n },
		maxTicketNano: payment.maxTicketNano
	});
	for (let seq = from; seq < from + runs; seq++) {
		const [nano] = plan.partsOf(seq);
		if (nano === undefined) throw new Error(`run ${seq} costs nothing`);
		const commit = await income.commit({ seq, part: 0 });
		const due = { seq, part: 0, nano, neededNano: nano };
		const order = { ...due, receipt: hash(`state ${seq}`), commit };
		const signed = await payment.sign(order);
		if (!signed.ok) throw new Error(JSON.stringify(signed.refusal.kind));
		const took = await income.take(order, signed);
		if (!took.ok) throw new Error(took.fault.text);
		expect(toHex(took.id)).toBe(toHex(signed.id));
		ids.push(toHex(took.id));
	}
	return ids;
}

const digestOf = (ids: readonly string[]) => createHash('sha256').update(ids.join()).digest('hex');

/** What these seeds give; 375 and 150 winners are expected, give or take 18 and 12. */
const EIGHTH = {
	winners: 353,
	digest: '80eaa00148554e6ac6484f8a8a0416deac78807d36c4c614e3d91582f309845e'
};
const TWENTIETH = {
	winners: 131,
	digest: '9ab467d266c51029318a48db017f4d1132569b210021163d825ab13c432e5025'
};

describe('three thousand tickets for runs of one token, with seeded salts and secrets', () => {
	it('at odds of one in eight have the same winners every time', async () => {
		const secrets = await lastingSecret();
		const winners: string[] = [];
		for (let seq = 1; seq <= 3_000; seq++) {
			const place = { transcript: hash('transcript'), job: JOB, seq, part: 0 };
			const secret = await ticketSecret(secrets, place);
			const ticket: Ticket = {
				...{ network: NETWORK, purse: accountOf(hash('purse')), payee: PAYEE },
				...{ faceValueNano: FACE, expires: ticketExpiry(NOON), odds: 1n << 61n },
				commit: await commitTo(secret),
				salt: hash(`salt ${seq}`),
				receipt: hash(`state ${seq}`)
			};
			const id = await ticketId(ticket);
			if (await isWinning(secret, id, ticket.odds)) winners.push(toHex(id));
		}
		expect(winners).toHaveLength(EIGHTH.winners);
		expect(digestOf(winners)).toBe(EIGHTH.digest);
	});

	it('at the best odds there are bring the earner the same every time', async () => {
		const first = await table();
		const ids = await pay(first, 3_000);
		expect(digestOf(ids)).toBe(TWENTIETH.digest);
		const won = await first.earner.store.winnersOf(JOB);
		expect(won).toHaveLength(TWENTIETH.winners);
		first.income.close({ costNano: 0n, paidNano: 0n, unpaidNano: 0n });
		const totals = await first.earner.store.totals();
		expect(totals).toMatchObject({ winners: TWENTIETH.winners, expectedNano: 150n * FACE });
		expect(totals.drawnNano).toBe(BigInt(TWENTIETH.winners) * FACE);
		first.earner.redeemer.stop();
	}, 120_000);
});

describe('a winner', () => {
	it('is on the disk before it is redeemed, and before the job goes on', async () => {
		const all = await table();
		const order: string[] = [];
		const { store, redeemer } = all.earner;
		const addWinner = store.addWinner.bind(store);
		store.addWinner = async (winner) => {
			await new Promise((resolve) => setTimeout(resolve, 50));
			await addWinner(winner);
			order.push('stored');
		};
		const add = redeemer.add.bind(redeemer);
		redeemer.add = (winner) => {
			order.push('redeemed');
			add(winner);
		};
		for (let seq = 1; order.length === 0; seq++) await pay(all, 1, seq);
		order.push('went on');
		expect(order).toEqual(['stored', 'redeemed', 'went on']);
		redeemer.stop();
	});

	it('is redeemed from memory where the disk is full', async () => {
		const all = await table();
		const { store, redeemer } = all.earner;
		store.addWinner = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
		for (let seq = 1; redeemer.pending.length === 0; seq++) await pay(all, 1, seq);
		expect(redeemer.pending[0]).toMatchObject({ state: 'open', faceValueNano: FACE });
		redeemer.stop();
	});
});

describe('a slot', () => {
	const order = async ({ income }: Table, seq: number) => ({
		...{ seq, part: 0, nano: 1_000n, neededNano: 1_000n, receipt: u32(seq) },
		commit: await income.commit({ seq, part: 0 })
	});

	it('has one ticket, the same whenever it is asked for', async () => {
		const all = await table();
		const wanted = await order(all, 1);
		const [first, second] = [await all.payment.sign(wanted), await all.payment.sign(wanted)];
		expect(first).toMatchObject({ ok: true });
		expect(second).toEqual(first);
		expect(await all.payer.store.signedSince(all.payer.view.purse, 0)).toBe(1_000n);
	});

	it('never has a second one, for another commit or amount', async () => {
		const all = await table();
		const wanted = await order(all, 1);
		await all.payment.sign(wanted);
		const again = { ok: false, refusal: { kind: 'failed' } };
		expect(await all.payment.sign({ ...wanted, nano: 999n })).toMatchObject(again);
		expect(await all.payment.sign({ ...wanted, commit: hash('other') })).toMatchObject(again);
		expect(await all.payer.store.signedSince(all.payer.view.purse, 0)).toBe(1_000n);
	});

	it('has one ticket also when two tabs sign at the same moment', async () => {
		const all = await table();
		const wanted = await order(all, 1);
		const both = await Promise.all([all.payment.sign(wanted), all.payment.sign(wanted)]);
		expect(both[0]).toEqual(both[1]);
		// Without the lock of the page: the store alone decides.
		const { store } = all.payer;
		const record = await store.find(JOB, 1, 0);
		if (!record) throw new Error('no record');
		const others = ['x', 'y', 'z'].map((salt) => store.add({ ...record, seq: 2, salt }));
		const kept = await Promise.all(others);
		expect(new Set(kept.map(({ salt }) => salt)).size).toBe(1);
		expect(await store.spentOn(record.day)).toBe(2_000n);
	});

	it('is given up where the disk hangs, in time for the contributor to be told', async () => {
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		try {
			const all = await table();
			all.payer.store.find = () => new Promise(() => {});
			const signing = all.payment.sign(await order(all, 1));
			await vi.advanceTimersByTimeAsync(7_000);
			const text = expect.stringMatching(/not within 7000 ms/);
			expect(await signing).toMatchObject({ ok: false, refusal: { kind: 'failed', text } });
		} finally {
			vi.useRealTimers();
		}
	});

	it('is not paid by a ticket that could not be stored', async () => {
		const all = await table();
		all.payer.store.add = () => Promise.reject(new DOMException('full', 'QuotaExceededError'));
		expect(await all.payment.sign(await order(all, 1))).toMatchObject({
			ok: false,
			refusal: { kind: 'failed', text: 'full' }
		});
	});
});

describe('what was spent', () => {
	it('counts by day over all jobs, and a day’s limit holds for all of them', async () => {
		const all = await table();
		all.payer.budgets.dayNano = 2_500n;
		const sign = async (seq: number) =>
			all.payment.sign({
				...{ seq, part: 0, nano: 1_000n, neededNano: 1_000n },
				...{ receipt: u32(seq), commit: hash(`${seq}`) }
			});
		expect(await sign(1)).toMatchObject({ ok: true });
		expect(await sign(2)).toMatchObject({ ok: true });
		const refusal = { kind: 'day_limit', limitNano: 2_500n, neededNano: 3_000n };
		expect(await sign(3)).toEqual({ ok: false, refusal });
		all.payer.budgets.dayNano = 3_000n;
		expect(await sign(3)).toMatchObject({ ok: true });
	});

	it('is forgotten ticket by ticket, but not day by day', async () => {
		const all = await table();
		const commit = hash('c');
		const due = { seq: 1, part: 0, nano: 5n, neededNano: 5n };
		await all.payment.sign({ ...due, receipt: u32(1), commit });
		const record = await all.payer.store.find(JOB, 1, 0);
		await all.payer.store.forgetBefore(NOON + 1);
		expect(await all.payer.store.find(JOB, 1, 0)).toBeNull();
		expect(await all.payer.store.spentOn(record?.day ?? '')).toBe(5n);
	});
});
