import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyHead, type SignedHead } from '../../log/head.ts';
import { isConsistent, isIncluded } from '../../log/proof-checking.ts';
import { EMPTY_ROOT, leafHash } from '../../log/tree-hash.ts';
import { toHex, utf8 } from '../../protocol/bytes.ts';
import { LogUnavailable, ReceiptLog, type ReceiptLogOptions } from './receipt-log.ts';

const folders: string[] = [];
const logs: ReceiptLog[] = [];

function newFolder(): string {
	const folder = mkdtempSync(join(tmpdir(), 'mulberry-log-'));
	folders.push(folder);
	return folder;
}

const filesIn = (folder: string) => ({
	file: join(folder, 'log.sqlite'),
	keyFile: join(folder, 'log.key')
});

async function open(folder: string, more: Partial<ReceiptLogOptions> = {}): Promise<ReceiptLog> {
	const log = await ReceiptLog.open({ ...filesIn(folder), ...more });
	logs.push(log);
	return log;
}

afterEach(() => {
	for (const log of logs.splice(0)) log.close();
	for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const texts = (from: number, to: number) =>
	Array.from({ length: to - from }, (_, i) => `entry ${from + i}`);

/** Whether the log can show that this entry is where it says, under this head. */
const proves = (log: ReceiptLog, entry: string, index: number, { size, root }: SignedHead) =>
	isIncluded(leafHash(utf8(entry)), index, size, log.inclusion(index, size), root);

describe('the log', () => {
	it('begins with a signed head of nothing', async () => {
		const log = await open(newFolder());
		expect(log.head).toMatchObject({ size: 0, root: EMPTY_ROOT, key: log.key });
		expect(await verifyHead(log.head.text)).toEqual({ ok: true, value: log.head });
	});

	it('answers every add with its place and a head that has it', async () => {
		const log = await open(newFolder());
		const entries = texts(0, 700);
		const added = await Promise.all(entries.map((entry) => log.add(entry)));
		expect(added.map(({ index }) => index)).toEqual(entries.map((_, i) => i));
		for (const [i, { head, index, isNew }] of added.entries()) {
			expect(isNew).toBe(true);
			expect(proves(log, entries[i] ?? '', index, head)).toBe(true);
			expect(proves(log, entries[i] ?? '', index, log.head)).toBe(true);
		}
		expect(await verifyHead(log.head.text)).toEqual({ ok: true, value: log.head });
		const heads = new Set(added.map(({ head }) => head));
		expect(heads.size).toBe(Math.ceil(700 / 256));
		for (const head of heads) {
			expect(isConsistent(head, log.head, log.consistency(head.size, 700))).toBe(true);
		}
	});

	it('answers duplicates with the old place, in one batch and later, and signs nothing new', async () => {
		const log = await open(newFolder());
		const [a, b, again] = await Promise.all([log.add('a'), log.add('b'), log.add('a')]);
		expect([a, b, again].map(({ index, isNew }) => [index, isNew])).toEqual([
			[0, true],
			[1, true],
			[0, false]
		]);
		const { head } = log;
		expect(await log.add('b')).toEqual({ index: 1, isNew: false, head });
		expect(log.head.size).toBe(2);
	});

	it('is the same after it was opened again', async () => {
		const folder = newFolder();
		const first = await open(folder);
		await Promise.all(texts(0, 77).map((entry) => first.add(entry)));
		const { head, key } = first;
		first.close();
		const second = await open(folder);
		expect([second.head, second.key]).toEqual([head, key]);
		expect(second.entries(70, 20)).toEqual(texts(70, 77));
		await second.add('later');
		expect(isConsistent(head, second.head, second.consistency(77, 78))).toBe(true);
	});

	it('keeps what was being added when it is closed', async () => {
		const folder = newFolder();
		const log = await open(folder);
		const adding = texts(0, 600).map((entry) => log.add(entry));
		log.close();
		expect(await Promise.all(adding)).toHaveLength(600);
		await expect(log.add('too late')).rejects.toThrow(LogUnavailable);
		expect((await open(folder)).head.size).toBe(600);
	});

	it('dates a larger tree later, also when the clock is set back', async () => {
		let nowMs = 1_000_000;
		const log = await open(newFolder(), { nowMs: () => nowMs });
		const times = [log.head.time];
		for (const step of [5_000, -3_600_000, 0, 10]) {
			nowMs += step;
			times.push((await log.add(`entry ${times.length}`)).head.time);
		}
		expect(times).toEqual([...times].sort((a, b) => a - b));
		expect(new Set(times).size).toBe(times.length);
	});

	it('stays one log when two processes write to it', async () => {
		const folder = newFolder();
		const [one, two] = [await open(folder), await open(folder)];
		for (let i = 0; i < 20; i++) await (i % 2 ? one : two).add(`entry ${i}`);
		expect(one.entries(0, 100)).toEqual(texts(0, 20));
		const third = await open(folder);
		expect(third.head.size).toBe(20);
		expect(isConsistent(two.head, third.head, third.consistency(two.head.size, 20))).toBe(true);
	});

	it('refuses when the disk is full, and goes on when there is room again', async () => {
		const folder = newFolder();
		const log = await open(folder);
		await Promise.all(texts(0, 50).map((entry) => log.add(entry)));
		log.close();
		const full = await open(folder, { maxBytes: 30 * 4_096 });
		const before = full.head;
		const long = texts(0, 200).map((entry) => entry.padEnd(4_000));
		const results = await Promise.allSettled(long.map((entry) => full.add(entry)));
		expect(results.every(({ status }) => status === 'rejected')).toBe(true);
		expect(full.head).toBe(before);
		expect((await full.add('a short one')).index).toBe(50);
		full.close();
		const roomy = await open(folder);
		const added = await Promise.all(long.map((entry) => roomy.add(entry)));
		expect(added.at(-1)?.index).toBe(250);
		expect(isConsistent(before, roomy.head, roomy.consistency(50, 251))).toBe(true);
	});

	it.each([
		['for an entry beyond the head', (log: ReceiptLog) => log.inclusion(3, 3)],
		['for a size beyond the head', (log: ReceiptLog) => log.inclusion(0, 4)],
		['of growth beyond the head', (log: ReceiptLog) => log.consistency(1, 4)]
	])('gives no proof %s', async (_, ask) => {
		const log = await open(newFolder());
		await Promise.all(texts(0, 3).map((entry) => log.add(entry)));
		expect(() => ask(log)).toThrow(RangeError);
	});
});

describe('the log’s key', () => {
	it('is made once, and only its owner may read it', async () => {
		const folder = newFolder();
		const { keyFile } = filesIn(folder);
		(await open(folder)).close();
		const pem = readFileSync(keyFile, 'utf8');
		expect(statSync(keyFile).mode & 0o777).toBe(0o600);
		(await open(folder)).close();
		expect(readFileSync(keyFile, 'utf8')).toBe(pem);
	});

	it('is not replaced when it is lost or another: that would be another log', async () => {
		const folder = newFolder();
		const { keyFile } = filesIn(folder);
		const other = newFolder();
		(await open(folder)).close();
		(await open(other)).close();
		rmSync(keyFile);
		await expect(open(folder)).rejects.toThrow(/cannot be used: .*log\.key/);
		expect(existsSync(keyFile)).toBe(false);
		writeFileSync(keyFile, readFileSync(filesIn(other).keyFile));
		chmodSync(keyFile, 0o600);
		await expect(open(folder)).rejects.toThrow(/not the key of this log/);
		writeFileSync(keyFile, 'nonsense');
		await expect(open(folder)).rejects.toThrow(/cannot be used/);
	});
});

describe('a log whose files were changed by somebody else', () => {
	it.each([
		['an entry is missing', 'DELETE FROM entries WHERE idx = 9', /entries: expected 10, found 9/],
		['an entry is too many', "INSERT INTO entries VALUES (10, zeroblob(32), 'x')", /found 11/],
		['a hash is another', 'UPDATE nodes SET hash = zeroblob(32)', /do not make the signed root/],
		['a hash is missing', 'DELETE FROM nodes', /nodes: none/],
		['the head is another', "UPDATE head SET head = 'x'", /head: header/]
	])('does not start when %s', async (_, sql, message) => {
		const folder = newFolder();
		const log = await open(folder);
		await Promise.all(texts(0, 10).map((entry) => log.add(entry)));
		log.close();
		const database = new DatabaseSync(filesIn(folder).file);
		database.exec(sql);
		database.close();
		await expect(open(folder)).rejects.toThrow(message);
	});

	it('has the hashes of the tree that its proofs are made of', async () => {
		const log = await open(newFolder());
		const added = await log.add('only one');
		expect(toHex(added.head.root)).toBe(toHex(leafHash(utf8('only one'))));
	});
});
