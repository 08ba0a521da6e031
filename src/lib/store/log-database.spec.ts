import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { openLogRecords } from './log-database.ts';
import type { LogRecords } from './log-records.ts';
import { MemoryLogRecords } from './memory-log-records.ts';

describe.each<[string, () => Promise<LogRecords>, boolean]>([
	['in IndexedDB', openLogRecords, true],
	['in memory', async () => new MemoryLogRecords(), false]
])('records of the log %s', (_, open, isLasting) => {
	it('say whether they last', async () => {
		expect((await open()).isLasting).toBe(isLasting);
	});

	it('keep what was not delivered, the oldest first', async () => {
		const records = await open();
		await records.putUndelivered({ id: 'b', entry: 'B', turn: null, since: 2 });
		await records.putUndelivered({ id: 'a', entry: 'A', turn: null, since: 1 });
		await records.putUndelivered({ id: 'b', entry: 'B', turn: null, since: 2 });
		expect((await records.undelivered()).map(({ id }) => id)).toEqual(['a', 'b']);
		await records.deleteUndelivered('a');
		expect((await records.undelivered()).map(({ entry }) => entry)).toEqual(['B']);
	});

	it('let one of two tabs replace the head', async () => {
		const records = await open();
		expect(await records.lastHead('x')).toBeNull();
		expect(await records.replaceHead('x', null, 'one')).toBe(true);
		expect(await records.replaceHead('y', null, 'other')).toBe(true);
		const results = await Promise.all([
			records.replaceHead('x', 'one', 'two'),
			records.replaceHead('x', 'one', 'three')
		]);
		expect(results).toEqual([true, false]);
		expect([await records.lastHead('x'), await records.lastHead('y')]).toEqual(['two', 'other']);
	});

	it('keep evidence and contributors to avoid', async () => {
		const records = await open();
		await records.putEvidence({ id: 'x', at: 1, document: '{}' });
		await records.putEvidence({ id: 'x', at: 2, document: '{}' });
		await records.avoid('c1', 'a wrong receipt');
		await records.avoid('c1', 'again');
		expect(await records.evidence()).toEqual([{ id: 'x', at: 2, document: '{}' }]);
		expect(await records.avoided()).toEqual(['c1']);
	});
});
