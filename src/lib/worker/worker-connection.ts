/** One inference worker and the knowledge whether it still lives: comlink waits for ever. */
import { releaseProxy, transfer, wrap, type Remote } from 'comlink';
import type { EngineFailure } from '../protocol/generation.ts';
import { fromFailure } from './failure.ts';
import type { InferenceWorkerApi } from './inference-worker.ts';
import { Lifeline } from './lifeline.ts';

/**
 * Pings that may go unanswered before a worker counts as dead. They are counted rather than timed: a
 * machine that slept or a page whose timers were throttled must not kill a healthy worker.
 */
const MISSED_PINGS = 3;

export class WorkerConnection {
	readonly api: Remote<InferenceWorkerApi>;
	/** Cut with `worker_died`, or with the reason of `close`. */
	readonly lifeline = new Lifeline();
	readonly #worker: Worker;
	readonly #onFailure: (failure: EngineFailure) => void;
	readonly #failurePort: MessagePort;
	readonly #timer: ReturnType<typeof setInterval>;
	#unanswered = 0;
	#isOver = false;

	/**
	 * @param pingEveryMs how often the worker has to say that it lives
	 * @param onFailure told of its death, and of an engine that is beyond use
	 */
	constructor(pingEveryMs: number, onFailure: (failure: EngineFailure) => void) {
		this.#onFailure = onFailure;
		this.#worker = new Worker(new URL('./inference-worker.ts', import.meta.url), {
			type: 'module',
			name: 'inference'
		});
		this.#worker.addEventListener('error', this.#onError);
		this.#worker.addEventListener('messageerror', this.#onMessageError);
		this.api = wrap<InferenceWorkerApi>(this.#worker);
		const { port1, port2 } = new MessageChannel();
		this.#failurePort = port1;
		port1.onmessage = ({ data }: MessageEvent<EngineFailure>) => this.#onFailure(data);
		this.call(this.api.listen(transfer(port2, [port2]))).catch(() => {});
		this.#timer = setInterval(() => this.#ping(), pingEveryMs);
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	/** Waits for a call's answer or the worker's death. */
	call<T>(answer: Promise<T>): Promise<T> {
		return this.lifeline.hold(answer);
	}

	/** Ends the worker. Calls under way reject with `reason`. */
	close(reason: EngineFailure): void {
		if (this.#isOver) return;
		this.#isOver = true;
		clearInterval(this.#timer);
		this.lifeline.cut(fromFailure(reason));
		this.#worker.removeEventListener('error', this.#onError);
		this.#worker.removeEventListener('messageerror', this.#onMessageError);
		this.#failurePort.close();
		this.api[releaseProxy]();
		this.#worker.terminate();
	}

	#ping(): void {
		if (this.#unanswered >= MISSED_PINGS) {
			this.#die('It has stopped answering.');
			return;
		}
		this.#unanswered += 1;
		this.call(this.api.ping()).then(
			() => (this.#unanswered = 0),
			() => {}
		);
	}

	readonly #onError = (event: ErrorEvent) => {
		event.preventDefault();
		this.#die(event.message || 'Its code could not be loaded.');
	};

	readonly #onMessageError = () => this.#die('It sent something unreadable.');

	#die(why: string): void {
		const failure: EngineFailure = {
			kind: 'worker_died',
			message: `The inference worker died: ${why}`
		};
		this.close(failure);
		this.#onFailure(failure);
	}
}
