import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Address, beginCell, external, storeMessage } from '@ton/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fails, ScriptedEndpoint } from '../testing/scripted-endpoint.ts';
import { startCoordinator, type TestCoordinator } from '../testing/start-coordinator.ts';

const HOUR_MS = 3_600_000;

let dataDir: string;
let endpoint: ScriptedEndpoint;
let server: TestCoordinator;
beforeEach(async () => {
	dataDir = await mkdtemp(join(tmpdir(), 'mulberry-test-'));
	endpoint = await ScriptedEndpoint.start();
	endpoint.script(fails(500, 'cannot apply external message: exitcode=409'));
	server = await start();
});
afterEach(async () => {
	await server.close();
	await endpoint.close();
	await rm(dataDir, { recursive: true });
});

function start(): Promise<TestCoordinator> {
	return startCoordinator({
		...{ dataDir, network: 'testnet', tonEndpoint: endpoint.url },
		...{ requestsPerSecond: 10_000, tonRequestsPerSecond: 10_000 }
	});
}

const ticket = beginCell().storeUint(77, 32).endCell();

/** A message to a contract that is not there. */
function messageOf(n: number, workchain = 0) {
	const body = beginCell().storeUint(n, 64).storeRef(ticket).endCell();
	const message = external({ to: new Address(workchain, Buffer.alloc(32, 1)), body });
	const cell = beginCell().store(storeMessage(message)).endCell();
	return { boc: cell.toBoc().toString('base64'), hash: cell.hash().toString('hex') };
}

async function post(body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
	const response = await fetch(`http://127.0.0.1:${server.port}/api/redeem`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: typeof body === 'string' ? body : JSON.stringify(body)
	});
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function status(hash: string): Promise<{ status: number; body: Record<string, unknown> }> {
	const response = await fetch(`http://127.0.0.1:${server.port}/api/redeem/${hash}`);
	return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('POST /api/redeem', () => {
	it('keeps a message, once, and tells of it by its hash, also after a restart', async () => {
		const { boc, hash } = messageOf(1);
		const expires = Date.now() + HOUR_MS;
		const ticketHash = ticket.hash().toString('hex');
		const posted = await post({ boc, expires, ticket: ticketHash });
		const kept = { hash, state: 'waiting', expires };
		expect(posted).toMatchObject({ status: 200, body: { ...kept, now: expect.any(Number) } });
		expect(await post({ boc, expires })).toMatchObject({ status: 200, body: kept });
		expect(await status(hash)).toMatchObject({ status: 200, body: kept });
		const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
		expect(metrics).toContain('mulberry_outbox_messages 1');

		await server.close();
		server = await start();
		expect(await status(hash)).toMatchObject({ status: 200, body: kept });
	});

	it('sends the very message at once', async () => {
		const { boc, hash } = messageOf(1);
		await post({ boc, expires: Date.now() + HOUR_MS });
		await expect
			.poll(async () => (await status(hash)).body, { timeout: 20_000 })
			.toMatchObject({ attempts: 1, accepted: 0, error: expect.stringContaining('409') });
		expect(endpoint.calls).toMatchObject([{ method: 'sendBoc', params: { boc } }]);
	});

	it('refuses what is none by name', async () => {
		const { boc } = messageOf(1);
		const expires = Date.now() + HOUR_MS;
		const big = beginCell().storeBuffer(Buffer.alloc(120));
		for (let n = 0; n < 4; n++) {
			let branch = beginCell().endCell();
			for (let depth = 0; depth < 10; depth++) {
				branch = beginCell()
					.storeBuffer(Buffer.alloc(120, 10 * n + depth))
					.storeRef(branch)
					.endCell();
			}
			big.storeRef(branch);
		}
		const large = external({ to: new Address(0, Buffer.alloc(32)), body: big.endCell() });
		const largeBoc = beginCell().store(storeMessage(large)).endCell().toBoc().toString('base64');
		const wrong: [unknown, string][] = [
			['{', 'body'],
			[{ expires }, 'boc'],
			[{ boc: '', expires }, 'boc'],
			[{ boc: 'AAAA', expires }, 'boc'],
			[{ boc: messageOf(1, -1).boc, expires }, 'boc'],
			[{ boc: largeBoc, expires }, 'boc'],
			[{ boc }, 'expires'],
			[{ boc, expires: Date.now() - 1 }, 'expires'],
			[{ boc, expires: Date.now() + 49.1 * HOUR_MS }, 'expires'],
			[{ boc, expires: 'soon' }, 'expires'],
			[{ boc, expires, ticket: 'x' }, 'ticket'],
			[{ boc, expires, ticket: '0'.repeat(64) }, 'ticket']
		];
		for (const [body, field] of wrong) {
			expect(await post(body)).toMatchObject({
				status: 400,
				body: { error: { code: 'bad_message', field } }
			});
		}
		expect(await post('x'.repeat(9_000))).toMatchObject({
			status: 413,
			body: { error: { code: 'too_large' } }
		});
	});

	it('keeps so many messages of one address, and no more', async () => {
		const expires = Date.now() + HOUR_MS;
		const posts = Array.from({ length: 101 }, (_, n) => ({ boc: messageOf(n).boc, expires }));
		const answers = [];
		for (const body of posts) answers.push(await post(body));
		expect(answers.slice(0, 100).every(({ status }) => status === 200)).toBe(true);
		expect(answers[100]).toMatchObject({
			status: 429,
			body: { error: { code: 'too_many_messages' } }
		});
		// What is known may come again.
		expect((await post(posts[0])).status).toBe(200);
	});
});

describe('GET /api/redeem/HASH', () => {
	it.each(['0'.repeat(64), 'nonsense', 'F'.repeat(64)])('knows nothing of %s', async (hash) => {
		expect(await status(hash)).toMatchObject({
			status: 404,
			body: { error: { code: 'unknown_message' } }
		});
	});
});
