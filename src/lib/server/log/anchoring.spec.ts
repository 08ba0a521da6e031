import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SignedHead } from '../../log/head.ts';
import { Anchoring } from './anchoring.ts';
import { NO_ANCHORS, type AnchoredHead, type Anchors } from './anchors.ts';
import { ReceiptLog } from './receipt-log.ts';

/** A chain that takes heads, or is out of funds. */
class ScriptedChain implements Anchors {
	readonly anchored: AnchoredHead[] = [];
	isBroke = false;

	list = async () => this.anchored;

	anchor = async ({ text }: SignedHead) => {
		if (this.isBroke) throw new Error('no funds');
		const anchored = { head: text, transaction: 'aa'.repeat(32), at: Date.now() };
		this.anchored.push(anchored);
		return anchored;
	};
}

describe('anchoring', () => {
	let folder = '';
	let log: ReceiptLog;
	const chain = () => new ScriptedChain();
	const warn = vi.fn();
	const anchoringOn = (anchors: Anchors) =>
		new Anchoring({ log, anchors, logger: { warn, info: () => {} } });

	beforeEach(async () => {
		warn.mockReset();
		folder = mkdtempSync(join(tmpdir(), 'mulberry-log-'));
		const [file, keyFile] = [join(folder, 'log.sqlite'), join(folder, 'log.key')];
		log = await ReceiptLog.open({ file, keyFile });
	});

	afterEach(() => {
		vi.useRealTimers();
		log.close();
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
