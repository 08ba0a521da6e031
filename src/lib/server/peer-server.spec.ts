import fc from 'fast-check';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { newRequesterPeerId } from '../protocol/ids.ts';
import { capabilityFor, newKey } from './testing/offers.ts';
import { connectContributor, connectRequester, offerFrame } from './testing/signalling-client.ts';
import { startCoordinator, type TestCoordinator } from './testing/start-coordinator.ts';

/** One regression test for each defect of PeerServer 1.0.2 that embedding it brings. */

let server: TestCoordinator;
beforeEach(async () => {
	server = await startCoordinator({
		newSocketsPerSecond: 1000,
		socketsPerAddress: 1000,
		requestsPerSecond: 1000
	});
});
afterEach(async () => {
	vi.useRealTimers();
	await server.close();
});

describe('PeerServer 1.0.2, when embedded', () => {
	it.each([
		'{',
		'',
		'null',
		'"text"',
		'7',
		'[]',
		'{"type":null}',
		'\u0000',
		'{"__proto__":{"x":1}}'
	])('a malformed frame (%j) does not end the process', async (text) => {
		const requester = await connectRequester(server.port);
		requester.send(text);
		await requester.settled();
	});

	it('a binary frame does not end the process', async () => {
		const requester = await connectRequester(server.port);
		requester.socket.send(Buffer.from([0xff, 0xfe, 0, 1]));
		await requester.settled();
	});

	it('a WebSocket frame against the protocol does not end the process', async () => {
		const socket = connect(server.port, '127.0.0.1');
		socket.write(
			`GET /peerjs/peerjs?key=peerjs&token=t&id=${newRequesterPeerId()} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
		);
		await new Promise((resolve) => socket.once('data', resolve));
		// Reserved bits and opcode, not masked.
		socket.write(Buffer.from([0xff, 0x7f, 1, 2, 3]));
		await new Promise((resolve) => socket.once('close', resolve));
		await expect(connectRequester(server.port)).resolves.toBeDefined();
	});

	it('a socket that is reset during its upgrade does not end the process', async () => {
		const key = await newKey();
		const socket = connect(server.port, '127.0.0.1');
		socket.on('error', () => undefined);
		socket.write(
			`GET /peerjs/peerjs?key=peerjs&token=t&id=${key.id} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`
		);
		await new Promise((resolve) => socket.once('connect', resolve));
		socket.resetAndDestroy();
		await expect(connectRequester(server.port)).resolves.toBeDefined();
	});

	it('LEAVE without dst does not free the id while the socket goes on', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		contributor.send({ type: 'LEAVE' });
		contributor.send({ type: 'LEAVE', dst: '' });
		await contributor.settled();
		const requester = await connectRequester(server.port);
		requester.send(offerFrame(key.id, await capabilityFor(server.port, key)));
		expect(await contributor.next()).toMatchObject({ type: 'OFFER' });
	});

	it('an OFFER to an absent id is answered with EXPIRE at once and not kept', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const capability = await capabilityFor(server.port, key);
		contributor.close();
		const requester = await connectRequester(server.port);
		const startedMs = performance.now();
		requester.send(offerFrame(key.id, capability));
		expect(await requester.next()).toEqual({ type: 'EXPIRE', src: key.id, dst: requester.id });
		expect(performance.now() - startedMs).toBeLessThan(500);

		const back = await connectContributor(server.port, key);
		expect(await back.next(50)).toBeNull();
	});

	it('a frame above 64 KiB closes its socket', async () => {
		const requester = await connectRequester(server.port);
		requester.send('x'.repeat(65_537));
		expect(await requester.closed()).toBe(1009);
	});

	it('the server pings: a silent tab that answers stays, one that is dead goes', async () => {
		await server.close();
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
		server = await startCoordinator();
		const silent = await connectRequester(server.port);
		const dead = new WebSocket(
			`ws://127.0.0.1:${server.port}/peerjs/peerjs?key=peerjs&token=t&id=${newRequesterPeerId()}`,
			{ autoPong: false }
		);
		const deadClosed = new Promise((resolve) => dead.on('close', resolve));
		await new Promise((resolve) => dead.on('open', resolve));
		for (let n = 0; n < 3; n += 1) {
			vi.advanceTimersByTime(25_000);
			await silent.settled();
		}
		await deadClosed;
		expect(silent.socket.readyState).toBe(WebSocket.OPEN);
	});

	it('other upgrade paths get 404 from us, not 400 from PeerServer', async () => {
		const response = await new Promise<string>((resolve, reject) => {
			const socket = connect(server.port, '127.0.0.1');
			socket.on('data', (data) => resolve(data.toString()));
			socket.on('error', reject);
			socket.write(
				'GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
			);
		});
		expect(response).toMatch(/^HTTP\/1\.1 404 /);
	});

	it.each(['OPEN', 'EXPIRE', 'ID-TAKEN', 'ERROR', 'NOVEL'])(
		'a client cannot speak as the server: %s is not passed on',
		async (type) => {
			const key = await newKey();
			const contributor = await connectContributor(server.port, key);
			const requester = await connectRequester(server.port);
			requester.send({ type, dst: key.id, payload: { msg: 'x' } });
			await requester.settled();
			expect(await contributor.next(20)).toBeNull();
		}
	);

	it('random bytes and random JSON never end the process or reach another peer', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const frame = fc.record(
			{
				type: fc.oneof(
					fc.constantFrom('OFFER', 'ANSWER', 'CANDIDATE', 'LEAVE', 'HEARTBEAT', 'EXPIRE'),
					fc.jsonValue()
				),
				src: fc.jsonValue(),
				dst: fc.oneof(fc.constant('c' + '0'.repeat(64)), fc.jsonValue()),
				payload: fc.jsonValue()
			},
			{ requiredKeys: [] }
		);
		const message = fc.oneof(
			fc.uint8Array({ maxLength: 300 }),
			fc.string(),
			fc.json(),
			frame.map((value) => JSON.stringify(value))
		);
		await fc.assert(
			fc.asyncProperty(fc.array(message, { maxLength: 40 }), async (messages) => {
				const requester = await connectRequester(server.port);
				for (const data of messages) requester.socket.send(data);
				await requester.settled();
				requester.close();
			}),
			{ numRuns: 40 }
		);
		expect(await contributor.next(20)).toBeNull();
	});
});
