/** The browser's side is real, and so are the log's hashes and signatures; only the log lies. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Delivery } from '../../log/delivery.ts';
import { parseEvidence, weigh, type Evidence } from '../../log/evidence.ts';
import type { SignedHead } from '../../log/head.ts';
import { LogClient } from '../../log/log-client.ts';
import { LogWatch } from '../../log/log-watch.ts';
import { entryId } from '../../protocol/log-entry.ts';
import type { Logged } from '../../protocol/part-evidence.ts';
import { makeAnswer } from '../../protocol/testing/receipts.ts';
import { MemoryLogRecords } from '../../store/memory-log-records.ts';
import { LyingCoordinator } from './testing/lying-coordinator.ts';

const open: { close(): void }[] = [];
afterEach(() => {
	for (const each of open.splice(0)) each.close();
});

const receipts = await Promise.all(
	Array.from({ length: 12 }, async () => (await makeAnswer()).evidence.entry)
);

/** A browser that handed in some of the receipts to a coordinator that was honest so far. */
async function browserAt(handedIn: number, nowMs?: () => number) {
	const coordinator = await LyingCoordinator.create(nowMs);
	const client = new LogClient(coordinator.url, coordinator.fetch);
	const records = new MemoryLogRecords();
	const watch = new LogWatch({ client, records });
	const logged = new Map<string, Logged>();
	const evidence: Evidence[] = [];
	const refused: string[] = [];
	const delivery = new Delivery({
		client,
		records,
		watch,
		onLogged: ({ id }, proof) => void logged.set(id, proof),
		onEvidence: (found) => evidence.push(found),
		onRefused: ({ id }) => refused.push(id),
		minPauseMs: 10,
		random: () => 1
	});
	open.push({ close: () => delivery.stop() }, coordinator);
	const handIn = async (...entries: string[]) => {
		for (const entry of entries) await delivery.hand(entry);
		await delivery.settled();
	};
	await handIn(...receipts.slice(0, handedIn));
	expect([logged.size, evidence]).toEqual([handedIn, []]);
	return { coordinator, client, records, watch, delivery, logged, evidence, refused, handIn };
}

describe('handing in', () => {
	it('ends when the log has proven that it holds an entry, and the browser forgets it', async () => {
		const { logged, records, watch, coordinator } = await browserAt(5);
		expect(await records.undelivered()).toEqual([]);
		const [first = ''] = receipts;
		expect(logged.get(await entryId(first))?.index).toBe(0);
		expect((await watch.known())?.text).toBe(coordinator.shown.head.text);
	});

	it('keeps what it could not deliver and tries again', async () => {
		const { coordinator, records, delivery, logged, handIn } = await browserAt(1);
		coordinator.isAway = true;
		await handIn(...receipts.slice(1, 4));
		expect(await records.undelivered()).toHaveLength(3);
		// Another visit to the page: nothing but what was stored is known.
		delivery.stop();
		coordinator.isAway = false;
		const client = new LogClient(coordinator.url, coordinator.fetch);
		const watch = new LogWatch({ client, records });
		const onLogged = ({ id }: { id: string }, proof: Logged) => void logged.set(id, proof);
		const again = new Delivery({ client, records, watch, onLogged });
		again.retry();
		await again.settled();
		again.stop();
		expect([logged.size, (await records.undelivered()).length]).toEqual([4, 0]);
	});

	it('comes back by itself after growing pauses', async () => {
		const { coordinator, logged, handIn } = await browserAt(0);
		coordinator.isAway = true;
		await handIn(receipts[0] ?? '');
		await vi.waitFor(() => expect(coordinator.asked.length).toBeGreaterThanOrEqual(5), 5_000);
		const at = coordinator.askedAtMs;
		const gaps = at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
		// 10, 20, 40, 80 ms and what a busy machine adds.
		expect(gaps[3]).toBeGreaterThan(70);
		expect((gaps[0] ?? 0) + (gaps[1] ?? 0)).toBeGreaterThanOrEqual(29);
		coordinator.isAway = false;
		await vi.waitFor(() => expect(logged.size).toBe(1), 5_000);
	});

	it('gives up only on what the log will never take', async () => {
		const { records, refused, handIn } = await browserAt(1);
		await handIn('not a receipt');
		expect(refused).toEqual([await entryId('not a receipt')]);
		expect(await records.undelivered()).toEqual([]);
	});

	it.each<[string, (body: Record<string, unknown>) => unknown]>([
		['another index', (body) => ({ ...body, index: 1 })],
		['no proof', (body) => ({ ...body, proof: [] })],
		['a head without a signature', ({ head, ...body }) => ({ ...body, head: `${head}A` })],
		['words', () => 'certainly']
	])('does not believe an answer with %s', async (_, lie) => {
		const { coordinator, logged, records, handIn } = await browserAt(3);
		coordinator.change = (_, body) => lie(body);
		await handIn(receipts[3] ?? '');
		expect([logged.size, (await records.undelivered()).length]).toEqual([3, 1]);
	});
});

describe('a log that lies is caught', () => {
	it('when it rewrites an old entry', async () => {
		const browser = await browserAt(6);
		const { coordinator, evidence, watch } = browser;
		const before = coordinator.shown.head;
		const rewritten = receipts.map((entry, i) => (i === 2 ? (receipts[11] ?? '') : entry));
		coordinator.shown = await coordinator.another(rewritten.slice(0, 8));
		await browser.handIn(receipts[8] ?? '');
		expect(evidence).toHaveLength(1);
		expect(evidence[0]).toMatchObject({
			kind: 'rewritten',
			coordinator: 'http://coordinator.test',
			heads: [before.text, coordinator.shown.head.text]
		});
		expect(await weigh(evidence[0] as Evidence)).toBe('claimed');
		// What was known stays known, so that it is caught each time.
		expect((await watch.known())?.text).toBe(before.text);
		expect(browser.logged.size).toBe(6);
	});

	it('when it forks: two heads of one size', async () => {
		const { coordinator, watch, records } = await browserAt(6);
		coordinator.shown = await coordinator.another(receipts.slice(6, 12));
		const check = await watch.check(coordinator.shown.head);
		expect(check).toMatchObject({ kind: 'evidence', evidence: { kind: 'fork' } });
		const [kept] = await records.evidence();
		const document = parseEvidence(kept?.document ?? '');
		expect(document && (await weigh(document))).toBe('proven');
	});

	it('when it shows one person another log than the next: their heads do not fit', async () => {
		const { coordinator, client, watch, handIn } = await browserAt(4);
		const first = (await watch.known())?.text;
		coordinator.shown = await coordinator.another(receipts.slice(5, 11));
		const stranger = new LogWatch({ client, records: new MemoryLogRecords() });
		const theirs = coordinator.shown.head;
		expect((await stranger.check(theirs)).kind).toBe('ok');
		expect(await watch.check(theirs)).toMatchObject({ evidence: { heads: [first, theirs.text] } });
		await handIn();
	});

	it('when it hides an entry that it had proven', async () => {
		const { coordinator, client, watch, logged } = await browserAt(6);
		const [text = ''] = receipts;
		const proof = logged.get(await entryId(text));
		// It grows honestly and says only that it never saw the entry.
		coordinator.change = (path, body) =>
			path.endsWith('/inclusion') ? { error: { code: 'unknown_entry', message: 'no' } } : body;
		expect(await client.inclusion(await entryId(text))).toBeNull();
		const head = await client.head();
		const check = proof && (await watch.denied(text, proof, head));
		expect(check).toMatchObject({ kind: 'evidence', evidence: { kind: 'hidden' } });
		if (check?.kind === 'evidence') expect(await weigh(check.evidence)).toBe('claimed');
	});

	it('when it drops the last entries, with them or others in their place', async () => {
		const { coordinator, evidence, watch, handIn } = await browserAt(6);
		coordinator.shown = await coordinator.another(receipts.slice(0, 4));
		expect(await watch.check(coordinator.shown.head)).toMatchObject({
			evidence: { kind: 'backdated' }
		});
		await handIn(receipts[7] ?? '', receipts[8] ?? '', receipts[9] ?? '');
		expect(evidence.length).toBeGreaterThan(0);
		const kinds = new Set(evidence.map(({ kind }) => kind));
		expect([...kinds].every((kind) => ['backdated', 'fork', 'rewritten'].includes(kind))).toBe(
			true
		);
		for (const each of evidence) expect(await weigh(each)).not.toBe('nothing');
	});

	it('when it backdates a head: one with more entries that is dated earlier', async () => {
		const { coordinator, watch } = await browserAt(6);
		const yesterday = () => Date.now() - 86_400_000;
		coordinator.shown = await coordinator.another(receipts.slice(0, 9), yesterday);
		const check = await watch.check(coordinator.shown.head);
		expect(check).toMatchObject({ kind: 'evidence', evidence: { kind: 'backdated' } });
		if (check.kind === 'evidence') expect(await weigh(check.evidence)).toBe('proven');
	});

	it('when it backdates an entry: a head dated long before the receipt that it has', async () => {
		const yesterday = () => Date.now() - 86_400_000;
		const { coordinator, evidence, logged, handIn } = await browserAt(0, yesterday);
		await handIn(receipts[0] ?? '');
		expect(evidence).toMatchObject([{ kind: 'backdated', entry: { text: receipts[0] } }]);
		expect(await weigh(evidence[0] as Evidence)).toBe('proven');
		expect([logged.size, coordinator.shown.head.size]).toEqual([0, 1]);
	});

	it('when it changes its key', async () => {
		const { watch } = await browserAt(3);
		const other = await LyingCoordinator.create();
		open.push(other);
		await other.shown.add(receipts[0] ?? '');
		const check = await watch.check(other.shown.head);
		expect(check).toMatchObject({ kind: 'evidence', evidence: { kind: 'other_key' } });
		if (check.kind === 'evidence') expect(await weigh(check.evidence)).toBe('claimed');
		await watch.accept(other.shown.head);
		expect((await watch.check(other.shown.head)).kind).toBe('ok');
	});

	it('and kept as one piece of evidence, however often it lies on', async () => {
		const { coordinator, watch, records } = await browserAt(2);
		const other = await coordinator.another(receipts.slice(4, 8));
		coordinator.shown = other;
		for (let i = 8; i < 12; i++) {
			await other.add(receipts[i] ?? '');
			expect((await watch.check(other.head)).kind).toBe('evidence');
		}
		expect(await records.evidence()).toHaveLength(1);
	});
});

describe('a log that is only slow or away is not accused', () => {
	it('when it gives no consistency proof: the head is not taken either', async () => {
		const { coordinator, watch } = await browserAt(3);
		const known = (await watch.known())?.text;
		await coordinator.shown.add(receipts[5] ?? '');
		coordinator.isAway = true;
		expect((await watch.check(coordinator.shown.head)).kind).toBe('unproven');
		expect((await watch.known())?.text).toBe(known);
		coordinator.isAway = false;
		expect((await watch.check(coordinator.shown.head)).kind).toBe('ok');
	});

	it('when an answer with an older head comes late', async () => {
		const { coordinator, watch } = await browserAt(3);
		const older = coordinator.shown.head;
		await coordinator.shown.add(receipts[5] ?? '');
		const newest = coordinator.shown.head;
		expect((await watch.check(newest)).kind).toBe('ok');
		expect((await watch.check(older)).kind).toBe('ok');
		expect((await watch.known())?.text).toBe(newest.text);
	});

	it('when several tabs check at once', async () => {
		const { coordinator, client, watch, records } = await browserAt(1);
		const heads: SignedHead[] = [];
		for (const entry of receipts.slice(1, 8)) heads.push((await coordinator.shown.add(entry)).head);
		const tabs = heads.map(() => new LogWatch({ client, records }));
		const checks = await Promise.all(
			tabs.map((tab, i) => tab.check(heads[i] ?? coordinator.shown.head))
		);
		expect(checks.every(({ kind }) => kind === 'ok')).toBe(true);
		expect((await watch.known())?.size).toBe(8);
	});
});

describe('evidence', () => {
	it('is worth nothing after any change of what it says', async () => {
		const { coordinator, watch } = await browserAt(6);
		coordinator.shown = await coordinator.another(receipts.slice(6, 12));
		const check = await watch.check(coordinator.shown.head);
		if (check.kind !== 'evidence') throw new Error('no evidence');
		const { evidence } = check;
		const [a, b] = evidence.heads;
		for (const changed of [
			{ ...evidence, heads: [a, a] },
			{ ...evidence, heads: [a, `${b.slice(0, -4)}AAAA`] },
			{ ...evidence, kind: 'backdated' },
			{ ...evidence, kind: 'rewritten' },
			{ ...evidence, kind: 'hidden' },
			{ ...evidence, kind: 'other_key' }
		]) {
			const parsed = parseEvidence(JSON.stringify(changed));
			expect(parsed && (await weigh(parsed))).toBe('nothing');
		}
		expect(parseEvidence('{}')).toBeNull();
		expect(parseEvidence('nonsense')).toBeNull();
	});
});
