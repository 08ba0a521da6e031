import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newRequesterPeerId } from '../protocol/ids.ts';
import { CHALLENGE_TTL_MS } from './secrets.ts';
import { capabilityFor, newKey } from './testing/offers.ts';
import {
	connectContributor,
	connectRequester,
	freshToken,
	offerFrame,
	SignallingClient,
	upgradeStatus
} from './testing/signalling-client.ts';
import { startCoordinator, type TestCoordinator } from './testing/start-coordinator.ts';

let server: TestCoordinator;
beforeEach(async () => {
	server = await startCoordinator({ newSocketsPerSecond: 10 });
});
afterEach(async () => {
	vi.useRealTimers();
	await server.close();
});

const statusOf = (id: string, token: string, extra = '') =>
	upgradeStatus(new SignallingClient(server.port, id, token, extra));

describe('an id that names a key', () => {
	it('is admitted with that key’s signature over a fresh challenge', async () => {
		const key = await newKey();
		expect(await statusOf(key.id, await freshToken(server.port, key))).toBe(101);
	});

	it('is refused with another key’s signature', async () => {
		const [key, other] = [await newKey(), await newKey()];
		expect(await statusOf(key.id, await freshToken(server.port, other, key.id))).toBe(401);
	});

	it('is refused with a signature made for another id', async () => {
		const [key, other] = [await newKey(), await newKey()];
		expect(await statusOf(key.id, await freshToken(server.port, key, other.id))).toBe(401);
	});

	it('is refused when the challenge is used a second time', async () => {
		const key = await newKey();
		const token = await freshToken(server.port, key);
		expect(await statusOf(key.id, token)).toBe(101);
		expect(await statusOf(key.id, token)).toBe(401);
	});

	it('is refused when two sockets bring the same challenge at the same moment', async () => {
		const key = await newKey();
		const token = await freshToken(server.port, key);
		const statuses = await Promise.all([statusOf(key.id, token), statusOf(key.id, token)]);
		expect(statuses.toSorted()).toEqual([101, 401]);
	});

	it('is refused when the challenge has expired', async () => {
		const key = await newKey();
		const token = await freshToken(server.port, key);
		vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + CHALLENGE_TTL_MS + 1 });
		expect(await statusOf(key.id, token)).toBe(401);
	});

	it.each([
		['no signature', 'abc'],
		['a challenge of its own', `${'A'.repeat(43)}.${'A'.repeat(86)}`]
	])('is refused with %s', async (_name, token) => {
		expect(await statusOf((await newKey()).id, token)).toBe(401);
	});

	it('goes to its owner’s new socket; the old one hears ID-TAKEN and is closed', async () => {
		const key = await newKey();
		const old = await connectContributor(server.port, key);
		const oldClosed = old.closed();
		const fresh = await connectContributor(server.port, key);
		expect(await old.next()).toMatchObject({ type: 'ID-TAKEN' });
		expect(await oldClosed).toBe(4001);

		const requester = await connectRequester(server.port);
		requester.send(offerFrame(key.id, await capabilityFor(server.port, key)));
		expect(await fresh.next()).toMatchObject({ type: 'OFFER' });
	});

	it('goes to its owner’s new socket even if the old one never says goodbye', async () => {
		const key = await newKey();
		const old = await connectContributor(server.port, key);
		old.socket.pause();
		await expect(connectContributor(server.port, key)).resolves.toBeDefined();
	});
});

describe('a requester’s id', () => {
	it('is refused with another token while it is in use', async () => {
		const id = newRequesterPeerId();
		expect(await statusOf(id, 'first')).toBe(101);
		expect(await statusOf(id, 'second')).toBe(409);
	});

	it('can be taken up again with the same token: the new socket gets its OPEN', async () => {
		const id = newRequesterPeerId();
		const old = new SignallingClient(server.port, id, 'same');
		expect(await old.next()).toEqual({ type: 'OPEN' });
		const fresh = new SignallingClient(server.port, id, 'same');
		expect(await fresh.next()).toEqual({ type: 'OPEN' });
	});
});

describe('other ids', () => {
	it.each(['', 'x', 'admin', `c${'0'.repeat(63)}`, `r${'g'.repeat(32)}`, '__proto__'])(
		'%j is refused',
		async (id) => {
			expect(await statusOf(id, 'token')).toBe(400);
		}
	);

	it('of a doubled id in the query only the one that was checked counts', async () => {
		const victim = await newKey();
		const extra = `&id=${victim.id}&token=x`;
		const client = new SignallingClient(server.port, newRequesterPeerId(), 'token', extra);
		expect(await client.next()).toEqual({ type: 'OPEN' });
		// Had PeerServer taken the other one, the id would be in use.
		await expect(connectContributor(server.port, victim)).resolves.toBeDefined();
	});

	it('an empty or endless token is refused', async () => {
		expect(await statusOf(newRequesterPeerId(), '')).toBe(400);
		expect(await statusOf(newRequesterPeerId(), 'x'.repeat(257))).toBe(400);
	});
});

describe('sockets of one address', () => {
	it('are limited in number, and a closed one makes room', async () => {
		await server.close();
		server = await startCoordinator({ socketsPerAddress: 3, newSocketsPerSecond: 100 });
		const clients = await Promise.all([1, 2, 3].map(() => connectRequester(server.port)));
		expect(await statusOf(newRequesterPeerId(), 'token')).toBe(429);
		clients[0]?.close();
		await vi.waitFor(async () => expect(await statusOf(newRequesterPeerId(), 'token')).toBe(101));
	});

	it('are limited in how fast they come, refused ones included', async () => {
		await server.close();
		server = await startCoordinator({ newSocketsPerSecond: 5 });
		const statuses = await Promise.all(Array.from({ length: 14 }, () => statusOf('bad', 'token')));
		expect(statuses.filter((status) => status === 400)).toHaveLength(10);
		expect(statuses.filter((status) => status === 429)).toHaveLength(4);
	});

	it('are counted by X-Forwarded-For behind a trusted proxy, and only there', async () => {
		await server.close();
		server = await startCoordinator({ socketsPerAddress: 1, trustedProxyHops: 1 });
		const { WebSocket } = await import('ws');
		const from = (address: string) =>
			new Promise<number>((resolve) => {
				const socket = new WebSocket(
					`ws://127.0.0.1:${server.port}/peerjs/peerjs?key=peerjs&token=t&id=${newRequesterPeerId()}`,
					{ headers: { 'x-forwarded-for': `6.6.6.6, ${address}` } }
				);
				socket.on('open', () => resolve(101));
				socket.on('error', () => undefined);
				socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
			});
		expect(await from('1.1.1.1')).toBe(101);
		expect(await from('1.1.1.1')).toBe(429);
		expect(await from('2.2.2.2')).toBe(101);
	});

	it('are limited in all', async () => {
		await server.close();
		server = await startCoordinator({ maxSockets: 1 });
		await connectRequester(server.port);
		expect(await statusOf(newRequesterPeerId(), 'token')).toBe(503);
	});
});
