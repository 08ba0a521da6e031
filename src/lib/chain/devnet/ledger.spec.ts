import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger, type NewTransaction } from './ledger.ts';

let dir: string;
let ledger: Ledger;
beforeEach(() => {
	dir = mkdtempSync(join(tmpdir(), 'mulberry-test-'));
	ledger = new Ledger(join(dir, 'deep', 'chain.sqlite'));
});
afterEach(() => {
	ledger.close();
	rmSync(dir, { recursive: true });
});

const A = `0:${'a'.repeat(64)}`;
const B = `-1:${'b'.repeat(64)}`;

function transaction(changes: Partial<NewTransaction>): NewTransaction {
	return {
		...{ address: A, lt: 1n, hash: 'ff', seqno: 1, utime: 1, boc: 'AA==' },
		...{ source: null, createdLt: null },
		...changes
	};
}

describe('Ledger', () => {
	it('gives an account’s transactions newest first, between two logical times', () => {
		for (const lt of [3n, 1n, 2n, 4n]) ledger.addTransaction(transaction({ lt }));
		ledger.addTransaction(transaction({ address: B, lt: 9n }));
		const times = (to: bigint, after: bigint, limit: number) =>
			ledger.transactions(A, to, after, limit).map(({ lt }) => lt);
		expect(times(99n, -1n, 10)).toEqual([4n, 3n, 2n, 1n]);
		expect(times(3n, 1n, 10)).toEqual([3n, 2n]);
		expect(times(99n, -1n, 2)).toEqual([4n, 3n]);
	});

	it('gives a block’s transactions of one workchain in order', () => {
		ledger.addTransaction(transaction({ lt: 2n, seqno: 7 }));
		ledger.addTransaction(transaction({ lt: 1n, seqno: 7 }));
		ledger.addTransaction(transaction({ address: B, lt: 3n, seqno: 7 }));
		ledger.addTransaction(transaction({ lt: 4n, seqno: 8 }));
		expect(ledger.ofBlock(7, 0, 10).map(({ lt }) => lt)).toEqual([1n, 2n]);
		expect(ledger.ofBlock(7, -1, 10).map(({ lt }) => lt)).toEqual([3n]);
	});

	it('keeps all of a block or nothing', async () => {
		ledger.enqueue('h', 'boc');
		const half = ledger.atomically(async () => {
			ledger.addTransaction(transaction({}));
			ledger.setAccount(A, 'state');
			ledger.dequeue(ledger.nextQueued()?.id ?? -1);
			throw new Error('in the middle');
		});
		await expect(half).rejects.toThrow('in the middle');
		expect(ledger.transactions(A, 9n, -1n, 9)).toEqual([]);
		expect(ledger.account(A)).toBeNull();
		expect(ledger.isQueued('h')).toBe(true);
	});

	it('drops a message that is to blame twice, and no other', () => {
		ledger.enqueue('bad', 'boc');
		ledger.enqueue('good', 'boc');
		const id = ledger.nextQueued()?.id ?? -1;
		ledger.blame(id);
		expect(ledger.isQueued('bad')).toBe(true);
		ledger.blame(id);
		expect(ledger.isQueued('bad')).toBe(false);
		expect(ledger.isQueued('good')).toBe(true);
	});

	it('forgets what is older than asked', () => {
		for (const lt of [1n, 2n, 3n]) ledger.addTransaction(transaction({ lt }));
		ledger.forgetTransactionsBefore(3n);
		expect(ledger.transactions(A, 9n, -1n, 9).map(({ lt }) => lt)).toEqual([3n]);
	});

	it('may be open in two processes at once', () => {
		const other = new Ledger(join(dir, 'deep', 'chain.sqlite'));
		other.setMeta('key', 'from the other');
		expect(ledger.meta('key')).toBe('from the other');
		other.close();
	});
});
