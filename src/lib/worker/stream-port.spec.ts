import { describe, expect, it } from 'vitest';
import { EngineError } from '../protocol/generation.ts';
import { Lifeline } from './lifeline.ts';
import { readStream, serveStream, WINDOW_EVENTS } from './stream-port.ts';

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function connect<T>(source: (signal: AbortSignal) => AsyncIterable<T>) {
	const { port1, port2 } = new MessageChannel();
	const producer = new AbortController();
	const served = serveStream(port2, source, producer.signal);
	const controller = new AbortController();
	const lifeline = new Lifeline();
	return {
		served,
		producer,
		controller,
		lifeline,
		events: readStream<T>(port1, controller.signal, lifeline)
	};
}

/** Counts for ever, until it is aborted; `made` is how far it got. */
function counter() {
	const state = { made: 0, isClosed: false };
	async function* count(signal: AbortSignal) {
		try {
			while (!signal.aborted) yield ++state.made;
			yield -1;
		} finally {
			state.isClosed = true;
		}
	}
	return { state, count };
}

describe('a stream over a port', () => {
	it('gives every event in order and ends', async () => {
		const { events, served } = connect(async function* () {
			yield* [1, 2, 3];
		});
		const seen: number[] = [];
		for await (const event of events) seen.push(event);
		expect(seen).toEqual([1, 2, 3]);
		await served;
	});

	it('is not computed further ahead of a slow consumer than the window', async () => {
		const { state, count } = counter();
		const { events, served } = connect(count);
		await events.next();
		await delay(50);
		// One event was taken, and its credit given back.
		expect(state.made).toBe(WINDOW_EVENTS + 1);
		await events.return(undefined);
		await served;
	});

	it('stops when the signal aborts, and what is left still comes', async () => {
		const { count } = counter();
		const { events, controller } = connect(count);
		const seen: number[] = [];
		for await (const event of events) {
			seen.push(event);
			if (event === 3) controller.abort();
		}
		expect(seen.at(-1)).toBe(-1);
		expect(seen.length).toBeLessThanOrEqual(3 + WINDOW_EVENTS + 1);
	});

	it('ends at the producer’s wish while the consumer takes nothing', async () => {
		const { state, count } = counter();
		const { events, producer, served } = connect(count);
		await events.next();
		await delay(20);
		producer.abort();
		await served;
		expect(state.isClosed).toBe(true);
		const seen: number[] = [];
		for await (const event of events) seen.push(event);
		expect(seen.at(-1)).toBe(-1);
	});

	it('stops the producer when the consumer leaves early', async () => {
		const { state, count } = counter();
		const { events, served } = connect(count);
		for await (const event of events) if (event === 2) break;
		await served;
		expect(state.isClosed).toBe(true);
	});

	it('throws at the consumer what the producer threw, as a value of its own', async () => {
		const { events } = connect(async function* () {
			yield 1;
			throw new EngineError('too_long', 'too much');
		});
		await events.next();
		await expect(events.next()).rejects.toMatchObject({ failure: { kind: 'too_long' } });
	});

	it('fails when the producer’s thread dies', async () => {
		const { events, lifeline } = connect(async function* () {
			yield 1;
			await new Promise(() => {});
		});
		await events.next();
		const next = events.next();
		lifeline.cut(new EngineError('worker_died', 'gone'));
		await expect(next).rejects.toMatchObject({ failure: { kind: 'worker_died' } });
	});
});
