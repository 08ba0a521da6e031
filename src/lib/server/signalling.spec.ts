import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRequesterPeerId } from '../protocol/ids.ts';
import { capabilityFor, newKey } from './testing/offers.ts';
import {
	answerFrame,
	candidateFrame,
	connectContributor,
	connectRequester,
	offerFrame
} from './testing/signalling-client.ts';
import { startCoordinator, type TestCoordinator } from './testing/start-coordinator.ts';

let server: TestCoordinator;
beforeEach(async () => {
	server = await startCoordinator({ newSocketsPerSecond: 100, requestsPerSecond: 1000 });
});
afterEach(() => server.close());

async function metric(text: string): Promise<boolean> {
	const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
	return (await response.text()).includes(text);
}

describe('introducing two peers', () => {
	it('passes OFFER, ANSWER and CANDIDATE on under the sender that was admitted', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const requester = await connectRequester(server.port);
		const capability = await capabilityFor(server.port, key);

		requester.send({ ...offerFrame(key.id, capability), src: newRequesterPeerId() });
		const offer = await contributor.next();
		expect(offer).toMatchObject({ type: 'OFFER', src: requester.id, dst: key.id });
		requester.send(candidateFrame(key.id));
		expect(await contributor.next()).toMatchObject({ type: 'CANDIDATE', src: requester.id });
		contributor.send(answerFrame(requester.id));
		expect(await requester.next()).toMatchObject({ type: 'ANSWER', src: key.id });
		contributor.send(candidateFrame(requester.id));
		expect(await requester.next()).toMatchObject({ type: 'CANDIDATE', src: key.id });
	});

	it('strips the capability and every key that it does not know', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const requester = await connectRequester(server.port);
		const frame = offerFrame(key.id, await capabilityFor(server.port, key));
		const { payload } = frame as { payload: Record<string, unknown> };
		payload['trick'] = { deep: true };
		requester.send(frame);
		const offer = await contributor.next();
		expect(offer?.payload).toEqual({
			sdp: { type: 'offer', sdp: 'v=0\r\n' },
			type: 'data',
			connectionId: 'dc_abc123',
			label: 'dc_abc123',
			reliable: true,
			serialization: 'raw'
		});
	});
});

describe('an OFFER needs a capability for its target', () => {
	const cases: [string, (valid: string, other: string) => unknown][] = [
		['none', () => undefined],
		['a forged one', (valid) => `${valid.slice(0, -2)}AA`],
		['one for another contributor', (_valid, other) => other],
		['a number', () => 7],
		['a very long text', () => 'A'.repeat(5000)]
	];
	it.each(cases)(
		'with %s the sender is told at once and the target hears nothing',
		async (_n, pick) => {
			const [key, otherKey] = [await newKey(), await newKey()];
			const contributor = await connectContributor(server.port, key);
			await connectContributor(server.port, otherKey);
			const requester = await connectRequester(server.port);
			const valid = await capabilityFor(server.port, key);
			const other = await capabilityFor(server.port, otherKey);

			requester.send(offerFrame(key.id, pick(valid, other)));
			expect(await requester.next()).toEqual({ type: 'EXPIRE', src: key.id, dst: requester.id });
			await contributor.settled();
			expect(await contributor.next(20)).toBeNull();
		}
	);

	it('a media call is not passed on even with one', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const requester = await connectRequester(server.port);
		const frame = offerFrame(key.id, await capabilityFor(server.port, key));
		(frame as { payload: { type: string } }).payload.type = 'media';
		requester.send(frame);
		expect(await requester.next()).toMatchObject({ type: 'EXPIRE' });
		await contributor.settled();
		expect(await contributor.next(20)).toBeNull();
	});
});

describe('frames outside an introduction', () => {
	it('ANSWER and CANDIDATE do not reach a peer that was not introduced, which would keep them for ever', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const requester = await connectRequester(server.port);
		requester.send(answerFrame(key.id));
		requester.send(candidateFrame(key.id));
		await requester.settled();
		expect(await contributor.next(20)).toBeNull();
		expect(await metric('mulberry_refused_total{reason="not_introduced"} 2')).toBe(true);
	});

	it('an introduction holds for its connection id only, and the dialler cannot answer itself', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const requester = await connectRequester(server.port);
		requester.send(offerFrame(key.id, await capabilityFor(server.port, key)));
		expect(await contributor.next()).toMatchObject({ type: 'OFFER' });
		requester.send(candidateFrame(key.id, 'dc_other'));
		requester.send(answerFrame(key.id));
		await requester.settled();
		expect(await contributor.next(20)).toBeNull();
	});
});

describe('limits', () => {
	it('lets a burst of 180 frames through and then drops what comes too fast', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const requester = await connectRequester(server.port);
		requester.send(offerFrame(key.id, await capabilityFor(server.port, key)));
		for (let sent = 0; sent < 400; sent += 1) requester.send(candidateFrame(key.id));
		await requester.settled();
		let received = 0;
		while (await contributor.next(50)) received += 1;
		expect(received).toBeGreaterThanOrEqual(180);
		expect(received).toBeLessThan(240);
	});

	it('closes a socket that goes on far above its rate', async () => {
		const requester = await connectRequester(server.port);
		for (let sent = 0; sent < 2000; sent += 1) requester.send({ type: 'HEARTBEAT' });
		await requester.closed();
		await expect(connectRequester(server.port)).resolves.toBeDefined();
	});

	it('passes at most 10 OFFERs at once from one sender', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const requester = await connectRequester(server.port);
		const capability = await capabilityFor(server.port, key);
		for (let n = 0; n < 30; n += 1) requester.send(offerFrame(key.id, capability, `dc_${n}`));
		await requester.settled();
		let received = 0;
		while (await contributor.next(50)) received += 1;
		expect(received).toBeGreaterThanOrEqual(10);
		expect(received).toBeLessThanOrEqual(12);
	});

	it('protects one target from many senders', async () => {
		const key = await newKey();
		const contributor = await connectContributor(server.port, key);
		const capability = await capabilityFor(server.port, key);
		const senders = await Promise.all(
			Array.from({ length: 5 }, () => connectRequester(server.port))
		);
		for (const sender of senders) {
			for (let n = 0; n < 9; n += 1) sender.send(offerFrame(key.id, capability, `dc_${n}`));
		}
		await Promise.all(senders.map((sender) => sender.settled()));
		let received = 0;
		while (await contributor.next(50)) received += 1;
		expect(received).toBeGreaterThanOrEqual(20);
		expect(received).toBeLessThanOrEqual(24);
	});
});
