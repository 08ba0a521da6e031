import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RpcCall } from '../../chain/rpc.ts';
import {
	fails,
	gives,
	hangsUp,
	neverAnswers,
	says,
	ScriptedEndpoint
} from '../testing/scripted-endpoint.ts';
import { TonProxy, type TonProxyOptions } from './ton-proxy.ts';

const KEY = 'f00dbabe'.repeat(8);
const ADDRESS = `0:${'a'.repeat(64)}`;
const BLOCK_MS = 300;

let endpoint: ScriptedEndpoint;
let proxy: TonProxy;
let warnings: string[];
beforeEach(async () => {
	endpoint = await ScriptedEndpoint.start();
	warnings = [];
	proxy = open();
});
afterEach(async () => {
	await proxy.close();
	await endpoint.close();
});

function open(changes: Partial<TonProxyOptions> = {}): TonProxy {
	return new TonProxy({
		endpoint: endpoint.url,
		apiKey: KEY,
		perSecond: 1_000,
		blockMs: BLOCK_MS,
		warn: (message) => warnings.push(message),
		attemptMs: 2_000,
		deadlineMs: 10_000,
		firstPauseMs: 20,
		...changes
	});
}

const state = (address = ADDRESS): RpcCall => ({
	method: 'getAddressInformation',
	params: { address }
});
const send = (boc = 'AAAA'): RpcCall => ({ method: 'sendBoc', params: { boc } });
const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('passing on', () => {
	it('gives the call and the key to the endpoint, and its result back', async () => {
		endpoint.script(gives({ balance: '5' }));
		expect(await proxy.call(state())).toEqual({ ok: true, result: { balance: '5' } });
		expect(endpoint.calls).toMatchObject([
			{
				method: 'getAddressInformation',
				params: { address: ADDRESS },
				headers: { 'x-api-key': KEY, 'content-type': 'application/json' }
			}
		]);
	});

	it('sends no key where there is none', async () => {
		await proxy.close();
		proxy = open({ apiKey: null });
		endpoint.script(gives(1));
		await proxy.call(state());
		expect(endpoint.calls[0]?.headers).not.toHaveProperty('x-api-key');
	});

	it('gives the endpoint’s own refusal back at once, with its code', async () => {
		const error =
			'LITE_SERVER_UNKNOWN: cannot apply external message to current state: exitcode=33';
		endpoint.script(fails(500, error));
		expect(await proxy.call(send())).toEqual({ ok: false, code: 500, error });
		endpoint.script(fails(422, 'Incorrect address'));
		expect(await proxy.call(state())).toEqual({ ok: false, code: 422, error: 'Incorrect address' });
		expect(endpoint.calls).toHaveLength(2);
	});
});

describe('the cache', () => {
	it('asks once for what many ask within a block', async () => {
		endpoint.script((call, response) => {
			setTimeout(() => gives(endpoint.calls.length)(call, response), 30);
		});
		const together = await Promise.all(Array.from({ length: 20 }, () => proxy.call(state())));
		const later = await proxy.call(state());
		expect(new Set([...together, later].map((reply) => JSON.stringify(reply)))).toEqual(
			new Set(['{"ok":true,"result":1}'])
		);
		expect(endpoint.calls).toHaveLength(1);
	});

	it('asks again for the next block, and for anything else', async () => {
		endpoint.script((call, response) => gives(endpoint.calls.length)(call, response));
		expect(await proxy.call(state())).toEqual({ ok: true, result: 1 });
		expect(await proxy.call(state(`0:${'b'.repeat(64)}`))).toEqual({ ok: true, result: 2 });
		await after(BLOCK_MS + 20);
		expect(await proxy.call(state())).toEqual({ ok: true, result: 3 });
	});

	it('keeps no error and nothing that was sent', async () => {
		endpoint.scripts(fails(422, 'no'), gives('yes'));
		expect(await proxy.call(state())).toMatchObject({ ok: false });
		expect(await proxy.call(state())).toEqual({ ok: true, result: 'yes' });
		await proxy.call(send());
		await proxy.call(send());
		expect(endpoint.calls).toHaveLength(4);
	});
});

describe('an endpoint in trouble', () => {
	it.each([
		['has too much to do', fails(429, 'Ratelimit exceed')],
		['fails with 502', says(502, '<html>Bad gateway</html>')],
		['fails with 500 and no answer', says(500, 'oops')],
		['is behind its liteserver', fails(500, 'LITE_SERVER_NOTREADY: not ready')],
		['times out behind', fails(504, 'timeout')],
		['sends garbage', says(200, '{"ok": true, "resu')],
		['sends JSON of another kind', says(200, '{"ok":"yes"}')],
		['hangs up', hangsUp]
	])('that %s is asked again', async (_name, trouble) => {
		endpoint.scripts(trouble, trouble, gives('at last'));
		expect(await proxy.call(state())).toEqual({ ok: true, result: 'at last' });
		expect(endpoint.calls).toHaveLength(3);
	});

	it('that does not answer is asked again', async () => {
		await proxy.close();
		proxy = open({ attemptMs: 150 });
		endpoint.scripts(neverAnswers, neverAnswers, gives('at last'));
		expect(await proxy.call(state())).toEqual({ ok: true, result: 'at last' });
		expect(endpoint.calls.length).toBeGreaterThanOrEqual(3);
	});

	it.each([
		['has too much to do', 503, fails(429, 'Ratelimit exceed')],
		['fails', 502, says(503, '<html></html>')],
		['sends garbage', 502, says(200, 'garbage')],
		['does not answer', 504, neverAnswers]
	])('that still %s at the deadline is %i', async (_name, code, trouble) => {
		await proxy.close();
		proxy = open({ deadlineMs: 1_000, attemptMs: 600 });
		endpoint.script(trouble);
		const startedMs = performance.now();
		const reply = await proxy.call(state());
		expect(reply).toMatchObject({
			ok: false,
			code,
			error: expect.stringMatching(/^the TON endpoint/)
		});
		expect(performance.now() - startedMs).toBeLessThan(3_000);
		expect(warnings).toHaveLength(1);
	});

	it('that is down is 502', async () => {
		await proxy.close();
		proxy = open({ deadlineMs: 200 });
		await endpoint.close();
		expect(await proxy.call(state())).toMatchObject({
			...{ ok: false, code: 502 },
			error: 'the TON endpoint could not be reached'
		});
		endpoint = await ScriptedEndpoint.start();
	});

	it('is left alone for as long as it says', async () => {
		endpoint.scripts(fails(429, 'slow down', { 'retry-after': '0.3' }), gives(1));
		await proxy.call(state());
		const [first, second] = endpoint.calls;
		expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(290);
	});

	it('is not waited for beyond the deadline when it asks for more time', async () => {
		endpoint.script(fails(429, 'slow down', { 'retry-after': '3600' }));
		const startedMs = performance.now();
		expect(await proxy.call(state())).toMatchObject({ ok: false, code: 503 });
		expect(performance.now() - startedMs).toBeLessThan(1_500);
	});

	it('gets longer and longer pauses', async () => {
		await proxy.close();
		proxy = open({ random: () => 1, firstPauseMs: 40 });
		endpoint.scripts(hangsUp, hangsUp, hangsUp, gives(1));
		await proxy.call(state());
		const times = endpoint.calls.map(({ atMs }) => atMs);
		const pauses = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
		expect(pauses[0]).toBeGreaterThanOrEqual(39);
		expect(pauses[1]).toBeGreaterThanOrEqual(79);
		expect(pauses[2]).toBeGreaterThanOrEqual(159);
	});

	it('never gets more requests than it allows', async () => {
		await proxy.close();
		proxy = open({ perSecond: 50, deadlineMs: 400, attemptMs: 400 });
		endpoint.script(gives(1));
		const startedMs = performance.now();
		const calls = Array.from({ length: 40 }, (_, n) =>
			state(`0:${n.toString(16).padStart(64, '0')}`)
		);
		const replies = await Promise.all(calls.map((call) => proxy.call(call)));
		const seconds = (performance.now() - startedMs) / 1_000;
		expect(endpoint.calls.length).toBeLessThanOrEqual(50 * seconds + 2);
		// Who would have to wait too long is told at once.
		expect(replies.some(({ ok }) => ok)).toBe(true);
		expect(replies.some((reply) => !reply.ok && reply.code === 503)).toBe(true);
	});

	it('does not make a message look refused whose first answer was lost', async () => {
		endpoint.scripts(hangsUp, fails(500, 'cannot apply external message: exitcode=133'));
		expect(await proxy.call(send())).toMatchObject({
			...{ ok: false, code: 504 },
			error: expect.stringContaining('look at the chain')
		});
	});
});

describe('the key', () => {
	const everything = () => JSON.stringify([warnings, replies]);
	let replies: unknown[] = [];
	beforeEach(() => {
		replies = [];
	});

	it('is in no answer and no warning, whatever the endpoint repeats', async () => {
		await proxy.close();
		proxy = open({ deadlineMs: 200 });
		for (const script of [
			fails(401, `API key ${KEY} does not exist`),
			fails(422, `bad request ${KEY}`),
			fails(502, `no luck ${KEY}`),
			fails(500, 'x'.repeat(490) + KEY),
			gives({ yours: KEY })
		]) {
			endpoint.script(script);
			replies.push(await proxy.call(state(`0:${replies.length.toString().padStart(64, '0')}`)));
		}
		expect(replies).toHaveLength(5);
		expect(everything()).not.toContain(KEY.slice(0, 8));
	});

	it('does not follow a redirection', async () => {
		const thief = await ScriptedEndpoint.start();
		thief.script(gives('stolen'));
		endpoint.script((_call, response) => response.writeHead(307, { location: thief.url }).end());
		expect(await proxy.call(state())).toMatchObject({ ok: false, code: 502 });
		expect(thief.calls).toEqual([]);
		expect(warnings).toEqual([expect.stringContaining('points elsewhere')]);
		await thief.close();
	});

	it('that is refused is told to the operator, once, and not tried again', async () => {
		endpoint.script(fails(403, 'forbidden'));
		expect(await proxy.call(state())).toMatchObject({ ok: false, code: 502 });
		await proxy.call(state());
		expect(endpoint.calls).toHaveLength(2);
		expect(warnings).toEqual(['the TON endpoint refuses the coordinator’s key (status 403)']);
	});
});

it('ends what is under way when it closes', async () => {
	endpoint.script(neverAnswers);
	const reply = proxy.call(state());
	await after(20);
	const startedMs = performance.now();
	await proxy.close();
	expect(await reply).toMatchObject({ ok: false, code: 503 });
	expect(performance.now() - startedMs).toBeLessThan(150);
});

it('does not swallow an answer of any size', async () => {
	endpoint.script(says(200, `{"ok":true,"result":"${'x'.repeat(5 * 1024 * 1024)}"}`));
	expect(await proxy.call(state())).toMatchObject({ ok: false, code: 502 });
});
