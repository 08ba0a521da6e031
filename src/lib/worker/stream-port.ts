/**
 * An async iterable over a MessagePort. The consumer grants credit, one event at a time, and the
 * producer is not pulled without it: so much lies between the two threads at most, and no token costs
 * a round trip.
 */
import type { EngineFailure } from '../protocol/generation.ts';
import { fromFailure, toFailure } from './failure.ts';
import type { Lifeline } from './lifeline.ts';

/** Enough to cover a thread that is busy for some frames; few enough to stop at once. */
export const WINDOW_EVENTS = 8;

type FromConsumer = { kind: 'credit' } | { kind: 'abort' };
type FromProducer<T> =
	{ kind: 'event'; event: T } | { kind: 'done' } | { kind: 'failed'; failure: EngineFailure };

/**
 * Serves one iterable on a port and closes it. Never rejects: what the iterable throws is told to the
 * consumer.
 *
 * @param source called once; its signal aborts when the consumer stops, or the producer must
 * @param mustStop aborts when the producer must stop, even if the consumer takes nothing
 */
export async function serveStream<T>(
	port: MessagePort,
	source: (signal: AbortSignal) => AsyncIterable<T>,
	mustStop: AbortSignal
): Promise<void> {
	const consumer = new AbortController();
	const signal = AbortSignal.any([consumer.signal, mustStop]);
	let credit = WINDOW_EVENTS;
	let wake = () => {};
	port.onmessage = ({ data }: MessageEvent<FromConsumer>) => {
		if (data.kind === 'credit') credit += 1;
		else consumer.abort();
		wake();
	};
	const post = (message: FromProducer<T>) => port.postMessage(message);
	signal.addEventListener('abort', () => wake());
	const ready = async () => {
		while (credit === 0 && !signal.aborted) {
			await new Promise<void>((resolve) => (wake = resolve));
		}
	};
	try {
		const iterator = source(signal)[Symbol.asyncIterator]();
		for (;;) {
			await ready();
			const result = await iterator.next();
			if (result.done) break;
			credit -= 1;
			post({ kind: 'event', event: result.value });
		}
		post({ kind: 'done' });
	} catch (error) {
		post({ kind: 'failed', failure: toFailure(error) });
	} finally {
		port.onmessage = null;
		port.close();
	}
}

/**
 * Consumes what `serveStream` serves on the other end. Leaving the loop early stops the producer, as
 * does the signal, after which the rest still comes.
 *
 * @param lifeline cut when the producer's thread is gone
 * @throws EngineError what the producer threw
 */
export async function* readStream<T>(
	port: MessagePort,
	signal: AbortSignal,
	lifeline: Lifeline
): AsyncGenerator<T> {
	const arrived: FromProducer<T>[] = [];
	let wake = () => {};
	port.onmessage = ({ data }: MessageEvent<FromProducer<T>>) => {
		arrived.push(data);
		wake();
	};
	const release = lifeline.onCut((error) => {
		arrived.push({ kind: 'failed', failure: toFailure(error) });
		wake();
	});
	const post = (message: FromConsumer) => port.postMessage(message);
	const onAbort = () => post({ kind: 'abort' });
	let isOver = false;
	try {
		if (signal.aborted) onAbort();
		else signal.addEventListener('abort', onAbort, { once: true });
		for (;;) {
			const message = arrived.shift();
			if (message === undefined) {
				await new Promise<void>((resolve) => (wake = resolve));
				continue;
			}
			if (message.kind === 'event') {
				post({ kind: 'credit' });
				yield message.event;
				continue;
			}
			isOver = true;
			if (message.kind === 'failed') throw fromFailure(message.failure);
			return;
		}
	} finally {
		release();
		signal.removeEventListener('abort', onAbort);
		if (!isOver) onAbort();
		port.onmessage = null;
		port.close();
	}
}
