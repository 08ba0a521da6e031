import { afterEach, describe, expect, it, vi } from 'vitest';
import { signWithdrawal, verifyOffer } from '../protocol/offer.ts';
import type { Settings } from './settings.ts';
import { newKey, postOffer } from './testing/offers.ts';
import { connectContributor, connectRequester } from './testing/signalling-client.ts';
import { rawGet } from './testing/raw-get.ts';
import { startCoordinator, type TestCoordinator } from './testing/start-coordinator.ts';

let server: TestCoordinator | null = null;
afterEach(async () => {
	await server?.close();
	server = null;
});

async function start(overrides: Partial<Settings> = {}): Promise<string> {
	server = await startCoordinator(overrides);
	return `http://127.0.0.1:${server.port}`;
}

describe('/api/ice', () => {
	it('gives the servers as configured, and none by default', async () => {
		const plain = await start();
		expect(await (await fetch(`${plain}/api/ice`)).json()).toEqual({
			iceServers: [],
			now: expect.any(Number)
		});
		await server?.close();
		const iceServers = [{ urls: 'turn:t.example', username: 'u', credential: 'c' }];
		const url = await start({ iceServers });
		expect(await (await fetch(`${url}/api/ice`)).json()).toEqual({
			iceServers,
			now: expect.any(Number)
		});
	});
});

describe('/api/offers', () => {
	it('gives a posted offer with a capability, and not after its withdrawal', async () => {
		const url = await start();
		const key = await newKey();
		const contributor = await connectContributor(Number(new URL(url).port), key);
		const issued = Date.now();
		const posted = await postOffer(Number(new URL(url).port), key, { issued });
		expect(await posted.json()).toEqual({ now: expect.any(Number), expires: issued + 60_000 });

		const found = await fetch(`${url}/api/offers?model=tiny`);
		const { offers } = (await found.json()) as { offers: { offer: string; capability: string }[] };
		expect(offers).toEqual([{ offer: expect.any(String), capability: expect.any(String) }]);
		expect(await verifyOffer(offers[0]?.offer, Date.now())).toMatchObject({ ok: true });

		const body = await signWithdrawal(key.privateKey, key.publicKey, issued);
		const withdrawn = await fetch(`${url}/api/offers/withdraw`, { method: 'POST', body });
		expect(withdrawn.status).toBe(204);
		const after = await fetch(`${url}/api/offers?model=tiny`);
		expect(await after.json()).toMatchObject({ offers: [] });
		contributor.close();
	});

	it('does not give the offer of a contributor that is gone', async () => {
		const url = await start();
		const key = await newKey();
		const contributor = await connectContributor(Number(new URL(url).port), key);
		await postOffer(Number(new URL(url).port), key);
		contributor.close();
		await vi.waitFor(async () => {
			const found = await fetch(`${url}/api/offers?model=tiny`);
			expect(await found.json()).toMatchObject({ offers: [] });
		});
	});

	it.each([
		'',
		'?model=',
		'?model=tiny&n=0',
		'?model=tiny&n=9',
		'?model=tiny&n=x',
		'?model=a&peer=b',
		'?model=a&jobs=some'
	])('refuses the query %j by name', async (query) => {
		const response = await fetch(`${await start()}/api/offers${query}`);
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({
			error: { code: 'bad_query', message: expect.any(String), field: expect.any(String) }
		});
	});

	it('refuses a body that is too long, and one that is no offer, with the clock', async () => {
		const url = await start();
		const post = (body: string) => fetch(`${url}/api/offers`, { method: 'POST', body });
		const tooLong = await post('x'.repeat(8193));
		expect(tooLong.status).toBe(413);
		expect(await tooLong.json()).toMatchObject({ error: { code: 'too_large' } });
		const nonsense = await post('nonsense');
		expect(nonsense.status).toBe(400);
		expect(await nonsense.json()).toMatchObject({
			error: { code: 'bad_offer' },
			now: expect.any(Number)
		});
		const empty = await fetch(`${url}/api/offers/withdraw`, { method: 'POST' });
		expect(empty.status).toBe(400);
	});
});

describe('/api/network', () => {
	it('counts contributors with an offer and requesters with a socket', async () => {
		const url = await start();
		const port = Number(new URL(url).port);
		const key = await newKey();
		await connectContributor(port, key);
		await connectRequester(port);
		await postOffer(port, key);
		expect(await (await fetch(`${url}/api/network`)).json()).toMatchObject({
			contributors: 1,
			requesters: 1,
			models: [{ id: 'tiny', contributors: 1, freeSlots: 1, tokensPerSecond: 20 }]
		});
	});
});

describe('/metrics', () => {
	it('is for this machine', async () => {
		const { status, body } = await rawGet(await start(), '/metrics');
		expect(status).toBe(200);
		expect(body).toContain('mulberry_signalling_sockets{role="contributor"} 0');
		expect(body).toContain('mulberry_offers 0');
	});

	it('is not for others, whatever they say about themselves', async () => {
		const url = await start({ trustedProxyHops: 1 });
		const others: Record<string, string>[] = [
			{ 'x-forwarded-for': '8.8.8.8' },
			{ 'x-forwarded-for': '127.0.0.1, 8.8.8.8' },
			{ 'x-forwarded-for': '8.8.8.8', 'x-mulberry-local': '1' },
			{ 'x-forwarded-for': '8.8.8.8', authorization: 'Bearer ' }
		];
		for (const headers of others) {
			const { status, body } = await rawGet(url, '/metrics', headers);
			expect(status).toBe(403);
			expect(JSON.parse(body)).toMatchObject({ error: { code: 'not_allowed' } });
		}
	});

	it('is for others with the token', async () => {
		const url = await start({ trustedProxyHops: 1, metricsToken: 'a-long-enough-token' });
		const with_ = (authorization: string) =>
			rawGet(url, '/metrics', { 'x-forwarded-for': '8.8.8.8', authorization });
		expect((await with_('Bearer a-long-enough-token')).status).toBe(200);
		expect((await with_('Bearer a-long-enough-tokem')).status).toBe(403);
		expect((await with_('a-long-enough-token')).status).toBe(403);
	});
});

describe('every answer', () => {
	it('carries the headers that isolate the pages, also a 404', async () => {
		const url = await start();
		for (const path of ['/healthz', '/nothing-here']) {
			const { headers } = await fetch(url + path);
			expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
			expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
			expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
			expect(headers.get('x-content-type-options')).toBe('nosniff');
			expect(headers.get('referrer-policy')).toBe('no-referrer');
		}
	});

	it('is 429 above the limit of requests an address', async () => {
		const url = await start({ requestsPerSecond: 2 });
		const responses = await Promise.all(
			Array.from({ length: 13 }, () => fetch(`${url}/api/network`))
		);
		const refused = responses.filter(({ status }) => status === 429);
		expect(refused.length).toBeGreaterThanOrEqual(2);
		expect(refused[0]?.headers.get('retry-after')).toBe('1');
		expect(await refused[0]?.json()).toMatchObject({ error: { code: 'too_many_requests' } });
		expect((await fetch(`${url}/healthz`)).status).toBe(200);
	});

	it('comes for odd request targets too', async () => {
		const url = await start();
		for (const path of ['//', '/%', '/..', 'http://[', '*']) {
			expect((await rawGet(url, path)).status).toBeGreaterThanOrEqual(400);
		}
		expect((await fetch(`${url}/healthz`)).status).toBe(200);
	});
});
