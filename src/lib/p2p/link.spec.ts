import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { channelPair, everyInNode } from '../../../tests/support/memory-channel.ts';
import { Link } from './link.ts';

function linkAndRaw() {
	const [channel, raw] = channelPair();
	return { link: new Link(channel, everyInNode), raw };
}

function links() {
	const [a, b] = channelPair();
	return { a: new Link(a, everyInNode), b: new Link(b, everyInNode), channels: [a, b] as const };
}

describe('a link', () => {
	it('brings frames over in order, long ones whole', async () => {
		const { a, b } = links();
		const text = 'é'.repeat(50_000);
		const job = 'A'.repeat(22) as never;
		a.send({ t: 'text', job, from: 0, n: 1, text });
		a.send({ t: 'probe' });
		expect(await b.next()).toMatchObject({ frame: { t: 'text', text } });
		expect(await b.next()).toMatchObject({ frame: { t: 'probe' }, text: '{"t":"probe"}' });
	});

	it.each([
		['binary data', new Uint8Array([1])],
		['no JSON', 'hello'],
		['an oversized message', JSON.stringify({ t: 'ping', pad: 'x'.repeat(17_000) })],
		[
			'an oversized message of wide characters',
			JSON.stringify({ t: 'ping', p: '漢'.repeat(6_000) })
		],
		['a malformed frame', '{"t":"ack"}'],
		['an unknown frame before the handshake', '{"t":"future"}'],
		['a part out of order', '{"t":"part","id":"a","i":1,"n":2,"data":"AAAA"}']
	])('says bye "protocol" to %s', async (_, message) => {
		const { link, raw } = linkAndRaw();
		const answers: unknown[] = [];
		raw.onMessage((data) => answers.push(data));
		raw.send(message as string);
		expect(await link.ended).toMatchObject({ code: 'protocol', byPeer: false });
		await vi.waitFor(() => expect(answers).toHaveLength(1));
		expect(JSON.parse(String(answers[0]))).toMatchObject({ t: 'bye', code: 'protocol' });
	});

	it('refuses a frame between the parts of another', async () => {
		const { link, raw } = linkAndRaw();
		raw.send('{"t":"part","id":"a","i":0,"n":2,"data":"AAAA"}');
		raw.send('{"t":"probe"}');
		expect(await link.ended).toMatchObject({ code: 'protocol' });
	});

	it('ignores unknown frames after the handshake', async () => {
		const { link, raw } = linkAndRaw();
		link.ignoreUnknownTags();
		raw.send('{"t":"future"}');
		raw.send('{"t":"probe"}');
		expect(await link.next()).toMatchObject({ frame: { t: 'probe' } });
	});

	it('never throws and never hangs on random messages', async () => {
		const message = fc.oneof(
			fc.string({ unit: 'binary', maxLength: 80 }),
			fc.json(),
			fc
				.record({
					t: fc.constantFrom('part', 'text', 'job', 'ack'),
					i: fc.nat(3),
					n: fc.nat(3),
					data: fc.base64String()
				})
				.map((value) => JSON.stringify(value))
		);
		await fc.assert(
			fc.asyncProperty(fc.array(message, { maxLength: 20 }), async (messages) => {
				const { link, raw } = linkAndRaw();
				link.ignoreUnknownTags();
				messages.forEach((text) => raw.send(text));
				raw.send('{"t":"bye","code":"gone","text":""}');
				await link.ended;
			}),
			{ numRuns: 40 }
		);
	});

	it('gives up on a peer that sends faster than anybody reads', async () => {
		const { link, raw } = linkAndRaw();
		for (let i = 0; i < 2_100; i++) raw.send('{"t":"probe"}');
		expect(await link.ended).toMatchObject({ code: 'overloaded' });
	});

	it('still gives what came before the end', async () => {
		const { a, b } = links();
		a.send({ t: 'probe' });
		a.bye('gone', 'bye');
		expect(await b.ended).toEqual({ code: 'gone', text: 'bye', byPeer: true });
		expect((await b.next()).kind).toBe('frame');
		expect((await b.next()).kind).toBe('ended');
	});

	it('waits no longer than asked', async () => {
		const { a } = links();
		expect(await a.next({ timeoutMs: 5 })).toEqual({ kind: 'timeout' });
		const stop = new AbortController();
		const waiting = a.next({ signal: stop.signal });
		stop.abort();
		expect(await waiting).toEqual({ kind: 'aborted' });
	});
});

describe('the heartbeat', () => {
	beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
	afterEach(() => void vi.useRealTimers());

	const turns = async () => {
		for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
	};
	const pass = async (ms: number, stepMs: number) => {
		for (let at = 0; at < ms; at += stepMs) {
			vi.advanceTimersByTime(stepMs);
			await turns();
		}
	};

	it('keeps a quiet link alive', async () => {
		const { a, b } = links();
		await pass(200_000, 5_000);
		expect([a.end, b.end]).toEqual([null, null]);
	});

	it('notices a vanished peer within two seconds during a job', async () => {
		const { a, channels } = links();
		a.beat = 'job';
		await turns();
		channels[0].cut();
		await pass(1_000, 250);
		expect(a.end).toBeNull();
		await pass(1_250, 250);
		expect(a.end).toMatchObject({ code: null, byPeer: true });
	});

	it('notices a vanished peer within a minute when idle', async () => {
		const { a, channels } = links();
		channels[0].cut();
		await pass(30_000, 5_000);
		expect(a.end).toBeNull();
		await pass(31_000, 5_000);
		expect(a.end).toMatchObject({ code: null });
	});

	it('does not blame the peer when this page was frozen itself', () => {
		const [channel] = channelPair();
		let tick = () => {};
		let nowMs = performance.now();
		vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
		const link = new Link(channel, (_, callback) => {
			tick = callback;
			return () => {};
		});
		link.beat = 'job';
		const tickAfter = (ms: number) => {
			nowMs += ms;
			tick();
		};
		tickAfter(500);
		tickAfter(60_000);
		expect(link.end).toBeNull();
		[500, 500, 500].forEach(tickAfter);
		expect(link.end).toMatchObject({ code: null });
		vi.restoreAllMocks();
	});
});
