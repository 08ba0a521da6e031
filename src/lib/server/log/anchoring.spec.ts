import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SignedHead } from '../../log/head.ts';
import { catalogueHash } from '../../log/catalogue-check.ts';
import { Anchoring } from './anchoring.ts';
import { NO_ANCHORS, type AnchoredHead, type Anchors } from './anchors.ts';
import { CatalogueHistory } from './catalogue-history.ts';
import { ReceiptLog } from './receipt-log.ts';

/** A chain that takes heads, or is out of funds. */
class ScriptedChain implements Anchors {
	readonly anchored: AnchoredHead[] = [];
	readonly catalogues: string[] = [];
	isBroke = false;

	list = async () => this.anchored;

	anchor = async ({ text }: SignedHead) => {
		if (this.isBroke) throw new Error('no funds');
		const anchored = { head: text, transaction: 'aa'.repeat(32), at: Date.now() };
		this.anchored.push(anchored);
		return anchored;
	};

	anchorCatalogue = async (hash: string) => {
		if (this.isBroke) throw new Error('no funds');
		this.catalogues.push(hash);
		return { transaction: 'bb'.repeat(32), at: Date.now() + this.catalogues.length };
	};
}

describe('anchoring', () => {
	let folder = '';
	let log: ReceiptLog;
	let catalogues: CatalogueHistory;
	const chain = () => new ScriptedChain();
	const warn = vi.fn();
	const anchoringOn = (anchors: Anchors) =>
		new Anchoring({ log, anchors, catalogues, logger: { warn, info: () => {} } });
	const openCatalogues = (body: string) =>
		CatalogueHistory.open(join(folder, 'catalogues.sqlite'), body, Date.now());

	beforeEach(async () => {
		warn.mockReset();
		folder = mkdtempSync(join(tmpdir(), 'mulberry-log-'));
		const [file, keyFile] = [join(folder, 'log.sqlite'), join(folder, 'log.key')];
		log = await ReceiptLog.open({ file, keyFile });
		catalogues = await openCatalogues('one');
	});

	afterEach(() => {
		vi.useRealTimers();
		log.close();
		catalogues.close();
		rmSync(folder, { recursive: true });
	});

	it('writes the newest head, and nothing when there is no news', async () => {
		const anchors = chain();
		const anchoring = anchoringOn(anchors);
		expect(await anchoring.now()).toBeNull();
		await log.add('one');
		expect((await anchoring.now())?.head).toBe(log.head.text);
		expect(await anchoring.now()).toBeNull();
		await log.add('two');
		await anchoring.now();
		expect(anchors.anchored.map(({ head }) => head)).toHaveLength(2);
	});

	it('writes the catalogue’s hash when it has changed, also back to an earlier one', async () => {
		const anchors = chain();
		for (const body of ['one', 'one', 'two', 'one']) {
			catalogues.close();
			catalogues = await openCatalogues(body);
			await anchoringOn(anchors).now();
			await anchoringOn(anchors).now();
		}
		const [one, two] = [await catalogueHash('one'), await catalogueHash('two')];
		expect(anchors.catalogues).toEqual([one, two, one]);
		expect(catalogues.list()).toMatchObject([
			{ hash: one, transaction: 'bb'.repeat(32) },
			{ hash: two, transaction: 'bb'.repeat(32) }
		]);
		expect([catalogues.body(two), catalogues.body('none')]).toEqual(['two', null]);
	});

	it('writes one at a time', async () => {
		const anchors = chain();
		await log.add('one');
		const anchoring = anchoringOn(anchors);
		await Promise.all([anchoring.now(), anchoring.now()]);
		expect(anchors.anchored).toHaveLength(1);
	});

	it('comes every hour while it runs, and goes on after an hour without funds', async () => {
		const anchors = chain();
		await log.add('one');
		vi.useFakeTimers();
		const anchoring = anchoringOn(anchors);
		anchoring.start();
		anchors.isBroke = true;
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect([anchors.anchored.length, warn.mock.calls.length]).toEqual([0, 1]);
		anchors.isBroke = false;
		await vi.advanceTimersByTimeAsync(3_600_000);
		expect(anchors.anchored).toHaveLength(1);
		anchoring.stop();
		await vi.advanceTimersByTimeAsync(36_000_000);
		expect(anchors.anchored).toHaveLength(1);
	});

	it('says so where there is no chain', async () => {
		await log.add('one');
		await expect(anchoringOn(NO_ANCHORS).now()).rejects.toThrow('no chain');
	});
});
