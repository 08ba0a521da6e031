/** A clock that a hidden tab does not slow down: pages' timers fall to 1 Hz and less, workers' do not. */
export type TickerRequest = { id: number; intervalMs: number } | { id: number; stop: true };

const timers = new Map<number, ReturnType<typeof setInterval>>();

addEventListener('message', ({ data }: MessageEvent<TickerRequest>) => {
	if ('stop' in data) {
		clearInterval(timers.get(data.id));
		timers.delete(data.id);
	} else {
		timers.set(
			data.id,
			setInterval(() => postMessage(data.id), data.intervalMs)
		);
	}
});
