import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { catalogueHash } from '../../log/catalogue-check.ts';
import { verifyHead } from '../../log/head.ts';
import { isConsistent, isIncluded } from '../../log/proof-checking.ts';
import { leafHash } from '../../log/tree-hash.ts';
import { fromBase64Url, toBase64Url, utf8, type Bytes } from '../../protocol/bytes.ts';
import { entryId, MAX_ENTRY_LENGTH } from '../../protocol/log-entry.ts';
import { makeAnswer } from '../../protocol/testing/receipts.ts';
import type { Settings } from '../settings.ts';
import { startCoordinator, type TestCoordinator } from '../testing/start-coordinator.ts';

const running: TestCoordinator[] = [];
const start = async (settings: Partial<Settings> = {}) => {
	const coordinator = await startCoordinator({ logAddsPerSecond: 100, ...settings });
	running.push(coordinator);
	return `http://127.0.0.1:${coordinator.port}/api/log`;
};
afterEach(async () => {
	await Promise.all(running.splice(0).map((coordinator) => coordinator.close()));
});

interface Answer {
	id: string;
	index: number;
	isNew: boolean;
	size: number;
	head: string;
	key: string;
	proof: string[];
	entries: string[];
	anchors: unknown[];
	catalogues: unknown[];
	error: { code: string; field?: string; message: string };
}

const post = async (url: string, body: string) => {
	const headers = { 'content-type': 'application/jose' };
	const response = await fetch(`${url}/entries`, { method: 'POST', headers, body });
	return { status: response.status, body: (await response.json()) as Answer };
};
const get = async (url: string) => {
	const response = await fetch(url);
	return { status: response.status, body: (await response.json()) as Answer };
};

async function headOf({ head }: { head: string }) {
	const verified = await verifyHead(head);
	if (!verified.ok) throw new Error(verified.reason);
	return verified.value;
}

const hashes = (proof: string[]): Bytes[] => proof.map((text) => fromBase64Url(text) ?? utf8(''));

const receipt = async () => (await makeAnswer()).evidence.entry;
const record = async () => (await makeAnswer({ isBrokenOff: true })).evidence.entry;

describe('POST /api/log/entries', () => {
	it('answers at once with index, signed head and inclusion proof, for receipts and records', async () => {
		const url = await start();
		for (const [index, text] of [await receipt(), await record(), await receipt()].entries()) {
			const { status, body } = await post(url, text);
			expect(status).toBe(200);
			expect(body).toMatchObject({ index, isNew: true, id: await entryId(text) });
			const { size, root } = await headOf(body);
			expect(isIncluded(leafHash(utf8(text)), index, size, hashes(body.proof), root)).toBe(true);
		}
	});

	it('answers a duplicate with the old index', async () => {
		const url = await start();
		const text = await receipt();
		await post(url, text);
		await post(url, await receipt());
		const { body } = await post(url, text);
		expect(body).toMatchObject({ index: 0, isNew: false });
		const { size, root } = await headOf(body);
		expect(size).toBe(2);
		expect(isIncluded(leafHash(utf8(text)), 0, size, hashes(body.proof), root)).toBe(true);
	});

	it.each<[string, () => Promise<string>, number, string]>([
		['nothing', async () => '', 400, 'bad_entry'],
		['no receipt', async () => 'hello', 400, 'bad_entry'],
		['a bad signature', async () => `${(await receipt()).slice(0, -8)}AAAAAAAA`, 400, 'bad_entry'],
		[
			'a bad record',
			async () => (await record()).replace('"runs":2', '"runs":-2'),
			400,
			'bad_entry'
		],
		['space around it', async () => ` ${await receipt()}`, 400, 'bad_entry'],
		['too much', async () => 'x'.repeat(MAX_ENTRY_LENGTH + 1), 413, 'too_large'],
		[
			'a receipt of tomorrow',
			async () =>
				(await makeAnswer({ changes: { ended: Date.now() + 86_400_000 } })).evidence.entry,
			400,
			'bad_entry'
		]
	])('refuses %s', async (_, make, status, code) => {
		const url = await start();
		const refused = await post(url, await make());
		expect(refused).toMatchObject({ status, body: { error: { code } } });
		expect((await headOf((await get(`${url}/head`)).body)).size).toBe(0);
	});

	it('limits what one address adds, and nothing else', async () => {
		const url = await start({ logAddsPerSecond: 1 });
		const text = await receipt();
		const posts = await Promise.all(Array.from({ length: 80 }, () => post(url, text)));
		expect(posts.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20);
		expect(posts.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
		expect((await get(`${url}/head`)).status).toBe(200);
	});
});

describe('GET /api/log', () => {
	it('proves inclusion by id, at the newest head or an older size', async () => {
		const url = await start();
		const texts = await Promise.all(Array.from({ length: 5 }, receipt));
		const heads = [];
		for (const text of texts) heads.push(await headOf((await post(url, text)).body));
		const id = await entryId(texts[1] ?? '');
		const leaf = leafHash(utf8(texts[1] ?? ''));
		const newest = (await get(`${url}/inclusion?id=${id}`)).body;
		expect(newest).toMatchObject({ id, index: 1, size: 5 });
		const { root } = await headOf(newest);
		expect(isIncluded(leaf, 1, 5, hashes(newest.proof), root)).toBe(true);
		const older = (await get(`${url}/inclusion?id=${id}&size=3`)).body;
		const rootThen = heads[2]?.root ?? utf8('');
		expect(isIncluded(leaf, 1, 3, hashes(older.proof), rootThen)).toBe(true);
	});

	it('proves consistency', async () => {
		const url = await start();
		const heads = [];
		for (let i = 0; i < 4; i++) heads.push(await headOf((await post(url, await receipt())).body));
		const [one, , three, four] = heads;
		if (!one || !three || !four) throw new Error('heads are missing');
		const { body } = await get(`${url}/consistency?from=1&to=3`);
		expect(isConsistent(one, three, hashes(body.proof))).toBe(true);
		const toNewest = (await get(`${url}/consistency?from=3`)).body;
		expect(isConsistent(three, four, hashes(toNewest.proof))).toBe(true);
	});

	it('gives entries by range', async () => {
		const url = await start();
		const texts = await Promise.all(Array.from({ length: 3 }, receipt));
		for (const text of texts) await post(url, text);
		expect((await get(`${url}/entries?from=0`)).body.entries).toEqual(texts);
		expect((await get(`${url}/entries?from=1&count=1`)).body.entries).toEqual([texts[1]]);
		expect((await get(`${url}/entries?from=3`)).body.entries).toEqual([]);
	});

	it('lists no anchors where there is no chain', async () => {
		expect((await get(`${await start()}/anchors`)).body.anchors).toEqual([]);
	});

	it('lists the catalogues that were served, and gives the body of each', async () => {
		const url = await start();
		const served = await (await fetch(new URL('/api/catalogue', url))).text();
		const { catalogues } = (await get(`${url}/catalogues`)).body;
		const hash = await catalogueHash(served);
		expect(catalogues).toMatchObject([{ hash, transaction: null, at: null }]);
		expect(await (await fetch(`${url}/catalogues?hash=${hash}`)).text()).toBe(served);
		expect((await get(`${url}/catalogues?hash=none`)).status).toBe(404);
	});

	const ID = toBase64Url(new Uint8Array(32));
	it.each([
		['/inclusion', 400, 'id'],
		['/inclusion?id=short', 400, 'id'],
		[`/inclusion?id=${ID}&size=1`, 400, 'size'],
		[`/inclusion?id=${ID}&size=-1`, 400, 'size'],
		[`/inclusion?id=${ID}`, 404, 'id'],
		['/consistency', 400, 'from'],
		['/consistency?from=1', 400, 'from'],
		['/consistency?from=0&to=9', 400, 'to'],
		['/consistency?from=1e3', 400, 'from'],
		['/entries', 400, 'from'],
		['/entries?from=0&count=0', 400, 'count'],
		['/entries?from=0&count=257', 400, 'count'],
		['/entries?from=99999999999999999999', 400, 'from']
	])('refuses %s by name', async (path, status, field) => {
		const refused = await get(`${await start()}${path}`);
		expect(refused).toMatchObject({ status, body: { error: { field } } });
	});

	it('goes on after a restart with the same data, under the same key', async () => {
		const dataDir = mkdtempSync(join(tmpdir(), 'mulberry-data-'));
		try {
			const before = await start({ dataDir });
			const text = await receipt();
			await post(before, text);
			const { key, head } = (await get(`${before}/head`)).body;
			await running.pop()?.close();
			const after = await start({ dataDir });
			expect((await get(`${after}/head`)).body).toMatchObject({ key, head });
			expect((await post(after, text)).body).toMatchObject({ index: 0, isNew: false });
		} finally {
			await running.pop()?.close();
			rmSync(dataDir, { recursive: true });
		}
	});
});
