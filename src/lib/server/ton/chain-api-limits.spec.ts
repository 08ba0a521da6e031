import { Writable } from 'node:stream';
import { Address } from '@ton/core';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { askFaucet, CoordinatorChainError, fetchChainInfo } from '../../chain/coordinator-chain.ts';
import { eventually, TestWallet } from '../../chain/testing/test-wallet.ts';
import { openTonClient } from '../../chain/ton-client.ts';
import type { Settings } from '../settings.ts';
import { fails, ScriptedEndpoint } from '../testing/scripted-endpoint.ts';
import { startCoordinator, type TestCoordinator } from '../testing/start-coordinator.ts';

const KEY = 'f00dbabe'.repeat(8);
const RAW = new Address(0, Buffer.alloc(32, 1)).toRawString();

const servers: TestCoordinator[] = [];
let log = '';
afterEach(async () => {
	for (const server of servers.splice(0)) await server.close();
	log = '';
});

async function start(settings: Partial<Settings> = {}): Promise<URL> {
	const stream = new Writable({
		write(chunk: Buffer, _encoding, done) {
			log += chunk.toString();
			done();
		}
	});
	const server = await startCoordinator(settings, undefined, pino({ level: 'trace' }, stream));
	servers.push(server);
	return new URL(`http://127.0.0.1:${server.port}`);
}

async function post(url: URL, path: string, body: unknown) {
	const response = await fetch(new URL(path, url), { method: 'POST', body: JSON.stringify(body) });
	return { status: response.status, headers: response.headers, body: await response.json() };
}

it('one address may ask the chain so often, and is told in toncenter’s words', async () => {
	const url = await start({ chainRequestsPerSecond: 1 });
	const call = { id: 1, method: 'nothing', params: {} };
	const answers = await Promise.all(
		Array.from({ length: 6 }, () => post(url, '/api/chain/jsonRPC', call))
	);
	const refused = answers.filter(({ status }) => status === 429);
	expect(refused.length).toBeGreaterThanOrEqual(1);
	expect(refused[0]?.body).toEqual({
		...{ ok: false, error: 'Ratelimit exceed', code: 429 },
		...{ id: null, jsonrpc: '2.0' }
	});
	expect(refused[0]?.headers.get('retry-after')).toBe('1');
});

it('the faucet says why it gives no more', async () => {
	const url = await start();
	for (let n = 0; n < 5; n++) await askFaucet(url, RAW, 1n);
	const refused = await askFaucet(url, RAW, 1n).catch((error: unknown) => error);
	expect(refused).toBeInstanceOf(CoordinatorChainError);
	expect(refused).toMatchObject({ status: 429, code: 'too_many_grants' });
	const wrong = await askFaucet(url, 'me').catch((error: unknown) => error);
	expect(wrong).toMatchObject({ status: 400, code: 'bad_grant' });
});

it('nobody travels in time, unless the settings say that this is a test', async () => {
	const url = await start({ allowsTimeTravel: false });
	expect(await post(url, '/api/chain/advance', { seconds: 60 })).toMatchObject({ status: 404 });
	const test = await start({ allowsTimeTravel: true });
	expect(await post(test, '/api/chain/advance', { seconds: -60 })).toMatchObject({ status: 400 });
	expect(await post(test, '/api/chain/advance', { seconds: 86_400 })).toMatchObject({
		status: 200,
		body: { chain: { utime: expect.any(Number) } }
	});
	const state = await (await openTonClient(test)).getContractState(Address.parse(RAW));
	expect(state.timestampt - Date.now() / 1000).toBeGreaterThan(86_000);
});

it('on testnet and mainnet there is no faucet and no time travel, and pages are told where they are', async () => {
	const endpoint = await ScriptedEndpoint.start();
	for (const [network, globalId] of [
		['testnet', -3],
		['mainnet', -239]
	] as const) {
		const url = await start({ network, tonEndpoint: endpoint.url, allowsTimeTravel: true });
		expect(await fetchChainInfo(url)).toMatchObject({
			...{ network, globalId, hasValue: network === 'mainnet', faucet: null },
			explorer: { address: expect.stringContaining('{address}') }
		});
		for (const path of ['faucet', 'advance']) {
			const answer = await post(url, `/api/chain/${path}`, { address: RAW, seconds: 1 });
			expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_here' } } });
		}
	}
	expect(endpoint.calls).toEqual([]);
	await endpoint.close();
});

it('the real client and a wallet work through the proxy as they do on the local chain', async () => {
	const generous = { requestsPerSecond: 10_000, chainRequestsPerSecond: 10_000 };
	const far = await start({ ...generous, devnetBlockMs: 100 });
	const near = await start({
		...generous,
		...{ network: 'testnet', tonApiKey: KEY, tonRequestsPerSecond: 1_000 },
		tonEndpoint: new URL('/api/chain/jsonRPC', far).href
	});
	const bob = new Address(0, Buffer.alloc(32, 2));
	const alice = new TestWallet(await openTonClient(near), 1);
	// Most waiting is done at the far end: the near one keeps what it has asked for a while.
	const farAlice = new TestWallet(await openTonClient(far), 1);
	await askFaucet(far, alice.address.toString());
	await eventually(async () => (await farAlice.balance()) > 0n, 'the coins');
	await alice.send({ to: bob, value: 5n, seqno: 0 });
	await eventually(async () => (await farAlice.seqno()) === 1, 'the transfer');
	await eventually(async () => (await alice.seqno()) === 1, 'a new answer');
	expect(await alice.balance()).toBe(await farAlice.balance());
	const replay = alice.send({ to: bob, value: 5n, seqno: 0 });
	await expect(replay).rejects.toMatchObject({
		response: { status: 500, data: { error: expect.stringContaining('exitcode=133') } }
	});
});

it('the key and the endpoint are in no answer and not in the log', async () => {
	const endpoint = await ScriptedEndpoint.start();
	endpoint.script(fails(401, `API key ${KEY} does not exist`));
	const url = await start({ network: 'mainnet', tonEndpoint: endpoint.url, tonApiKey: KEY });
	const call = { id: 1, method: 'getAddressInformation', params: { address: RAW } };
	const answer = await post(url, '/api/chain/jsonRPC', call);
	expect(answer).toMatchObject({ status: 502, body: { ok: false, code: 502 } });
	const shown = await Promise.all(
		['/api/chain', '/metrics', '/api/ice'].map(async (path) =>
			(await fetch(new URL(path, url))).text()
		)
	);
	expect(endpoint.calls[0]?.headers['x-api-key']).toBe(KEY);
	expect(log).toContain('refuses the coordinator');
	for (const text of [JSON.stringify(answer.body), log, ...shown]) {
		expect(text).not.toContain(KEY);
		expect(text).not.toContain(endpoint.url);
	}
	await endpoint.close();
});
