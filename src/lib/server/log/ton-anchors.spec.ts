/** The real coordinator, operator's wallet, beacon and local chain; pages' own reader asks it. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BeaconReader } from '../../chain/beacon/read-beacon.ts';
import { catalogueHash, checkCatalogue } from '../../log/catalogue-check.ts';
import { LogClient } from '../../log/log-client.ts';
import { makeAnswer } from '../../protocol/testing/receipts.ts';
import { startCoordinator, type TestCoordinator } from '../testing/start-coordinator.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'mulberry-anchors-'));
const inData = (name: string) => join(dataDir, 'devnet', name);
let server: TestCoordinator;
let url: URL;
let client: LogClient;
let reader: BeaconReader;

async function start() {
	server = await startCoordinator({ dataDir, devnetBlockMs: 50, chainRequestsPerSecond: 1_000 });
	url = new URL(`http://127.0.0.1:${server.port}`);
	client = new LogClient(url);
	reader = new BeaconReader(url);
}

const addOne = async () => client.add((await makeAnswer()).evidence.entry);

async function command(token: string) {
	const response = await fetch(new URL('/api/log/anchors', url), {
		method: 'POST',
		headers: { authorization: `Bearer ${token}` }
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

beforeAll(start);
afterAll(async () => {
	await server.close();
	rmSync(dataDir, { recursive: true, force: true });
});

describe('anchors on TON', () => {
	it('say what is not anchored, before the first', async () => {
		await addOne();
		expect(await client.anchorState()).toMatchObject({
			beacon: null,
			anchors: [],
			unanchored: { entries: 1, since: null }
		});
	});

	it('are made on the operator’s word alone, with the catalogue’s hash', async () => {
		expect((await command('guess')).status).toBe(403);
		const file = inData('operator.token');
		expect(statSync(file).mode & 0o777).toBe(0o600);
		const { status, body } = await command(readFileSync(file, 'utf8'));
		expect(status).toBe(200);
		expect(statSync(inData('operator.key')).mode & 0o777).toBe(0o600);
		const state = await client.anchorState();
		expect(state.anchors).toMatchObject([{ head: { size: 1 }, beacon: state.beacon }]);
		expect(state.unanchored).toBeNull();
		expect(body['anchored']).toMatchObject({ head: state.anchors[0]?.head.text });
	});

	it('stand in the beacon as the log signed them, and so does the catalogue', async () => {
		const { anchors, beacon } = await client.anchorState();
		const onChain = await reader.read(beacon ?? '');
		const head = anchors[0]?.head;
		expect(onChain.head).toEqual({ size: 1, root: head?.root, timeMs: head?.time });
		const body = await (await fetch(new URL('/api/catalogue', url))).text();
		expect(await checkCatalogue(body, onChain.catalogue)).toMatchObject({ kind: 'same' });
		const [served] = await client.catalogues();
		expect(served).toMatchObject({ hash: await catalogueHash(body), at: expect.any(Number) });
	});

	it('are confirmed by the chain, and not with another head, time, transaction or beacon', async () => {
		const [anchor] = await client.anchors();
		if (!anchor) throw new Error('no anchor');
		const { head } = anchor;
		expect(await reader.confirms(anchor)).toBe(true);
		expect(await reader.confirms({ ...anchor, at: anchor.at + 1000 })).toBe(false);
		const other = { ...anchor, head: { ...head, size: head.size + 1 } };
		expect(await reader.confirms(other)).toBe(false);
		const root = head.root.slice();
		root[0] = (root[0] ?? 0) ^ 1;
		expect(await reader.confirms({ ...anchor, head: { ...head, root } })).toBe(false);
		const [catalogue] = await client.catalogues();
		const elsewhere = { ...anchor, transaction: catalogue?.transaction ?? '' };
		// The node knows no such transaction at that time, and says so.
		expect(await reader.confirms(elsewhere).catch(() => false)).toBe(false);
		const stranger = { ...anchor, beacon: `0:${'77'.repeat(32)}` };
		expect(await reader.confirms(stranger).catch(() => false)).toBe(false);
	});

	it('go on after a restart, also with one that was sent and never seen', async () => {
		await addOne();
		await server.coordinator.anchoring.now();
		await server.close();
		// As after a kill between sending and the chain's answer.
		const db = new DatabaseSync(inData('anchors.sqlite'));
		db.exec('UPDATE anchors SET "transaction" = NULL, lt = NULL, at = NULL WHERE size = 2');
		db.close();
		await start();
		expect(await client.anchors()).toHaveLength(1);
		await addOne();
		await server.coordinator.anchoring.now();
		const anchors = await client.anchors();
		expect(anchors.map(({ head }) => head.size)).toEqual([1, 2, 3]);
		for (const anchor of anchors) expect(await reader.confirms(anchor)).toBe(true);
	});

	it('are not made again where there is no news', async () => {
		expect(await server.coordinator.anchoring.now()).toBeNull();
		expect(await client.anchors()).toHaveLength(3);
	});
});

describe('without an operator’s wallet', () => {
	it('everything runs, and the API says what is not anchored', async () => {
		const bare = await startCoordinator({ network: 'testnet', tonEndpoint: 'http://127.0.0.1:1' });
		const origin = new URL(`http://127.0.0.1:${bare.port}`);
		await new LogClient(origin).add((await makeAnswer()).evidence.entry);
		await expect(bare.coordinator.anchoring.now()).rejects.toThrow('no operator’s wallet');
		expect(await new LogClient(origin).anchorState()).toMatchObject({
			beacon: null,
			unanchored: { entries: 1, since: null }
		});
		await bare.close();
	});
});
