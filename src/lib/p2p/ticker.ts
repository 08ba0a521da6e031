import type { TickerRequest } from './ticker.worker.ts';

/** Calls `tick` every `intervalMs` until the returned function is called. */
export type Every = (intervalMs: number, tick: () => void) => () => void;

let worker: Worker | undefined;
let nextId = 0;
const ticks = new Map<number, () => void>();

/** `setInterval` that keeps its pace in a hidden tab, by a small worker shared by the whole page. */
export const everyFromWorker: Every = (intervalMs, tick) => {
	if (!worker) {
		worker = new Worker(new URL('./ticker.worker.ts', import.meta.url), { type: 'module' });
		worker.addEventListener('message', ({ data }: MessageEvent<number>) => ticks.get(data)?.());
	}
	const id = nextId++;
	const post = (request: TickerRequest) => worker?.postMessage(request);
	ticks.set(id, tick);
	post({ id, intervalMs });
	return () => {
		if (ticks.delete(id)) post({ id, stop: true });
	};
};
