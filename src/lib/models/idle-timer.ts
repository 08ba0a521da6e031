/** Aborts its signal when nothing was heard for a while, or when the parent is aborted. */
export class IdleTimer {
	readonly signal: AbortSignal;
	#controller = new AbortController();
	#timer: ReturnType<typeof setTimeout>;
	#timeoutMs: number;

	constructor(timeoutMs: number, parent: AbortSignal) {
		this.#timeoutMs = timeoutMs;
		this.signal = AbortSignal.any([this.#controller.signal, parent]);
		this.#timer = this.#start();
	}

	touch(): void {
		clearTimeout(this.#timer);
		this.#timer = this.#start();
	}

	/** Ends whatever still listens to the signal. */
	stop(): void {
		clearTimeout(this.#timer);
		this.#controller.abort(new Error('no longer wanted'));
	}

	#start(): ReturnType<typeof setTimeout> {
		const seconds = this.#timeoutMs / 1000;
		return setTimeout(
			() => this.#controller.abort(new Error(`nothing came for ${seconds} s`)),
			this.#timeoutMs
		);
	}
}
