import { BlockClock } from './block-clock.ts';
import { ChainState } from './chain-state.ts';
import type { Ledger } from './ledger.ts';
import type { Machine } from './machine.ts';

/** Timers may come a little early. */
const TIMER_SLACK_MS = 1;

export interface DevnetOptions {
	blockMs: number;
	/** A block that could not be made; the next one is tried all the same. */
	onError: (error: unknown) => void;
}

/**
 * The local chain in time: one thing happens after the other, and a block that is due is made before
 * anybody sees the chain. So what is true at block n stays true.
 */
export class Devnet {
	readonly #chain: ChainState;
	readonly #clock: BlockClock;
	readonly #onError: DevnetOptions['onError'];
	#turn: Promise<unknown> = Promise.resolve();
	/** The block that will hold what waits. */
	#planned: { seqno: number; timer: NodeJS.Timeout } | null = null;
	#isClosed = false;

	constructor(ledger: Ledger, machine: Machine, { blockMs, onError }: DevnetOptions) {
		this.#clock = new BlockClock({
			blockMs,
			shiftMs: Number(ledger.meta('shiftMs') ?? 0),
			stored: ledger.head()
		});
		this.#chain = new ChainState(ledger, machine, this.#clock);
		this.#onError = onError;
		this.#planBlock();
	}

	/** Runs `work` on the chain as its newest block left it. */
	use<T>(work: (chain: ChainState) => T | Promise<T>): Promise<T> {
		const result = this.#turn.then(async () => {
			if (this.#isClosed) throw new Error('the local chain is closed');
			await this.#makeDueBlock();
			try {
				return await work(this.#chain);
			} finally {
				this.#planBlock();
			}
		});
		this.#turn = result.catch(() => undefined);
		return result;
	}

	/** Finishes what is under way; messages that no block has yet stay in the ledger. */
	async close(): Promise<void> {
		if (this.#planned) clearTimeout(this.#planned.timer);
		await this.#turn;
		if (this.#isClosed) return;
		this.#isClosed = true;
		if (this.#planned) clearTimeout(this.#planned.timer);
		this.#chain.close();
	}

	#planBlock(): void {
		if (this.#planned || this.#isClosed || this.#chain.ledger.queueLength() === 0) return;
		this.#planned = { seqno: this.#clock.head().seqno + 1, timer: this.#wakeAtNextBlock() };
	}

	#wakeAtNextBlock(): NodeJS.Timeout {
		return setTimeout(() => {
			this.use(() => {
				if (this.#planned) this.#planned.timer = this.#wakeAtNextBlock();
			}).catch(this.#onError);
		}, this.#clock.msToNextBlock() + TIMER_SLACK_MS);
	}

	async #makeDueBlock(): Promise<void> {
		if (!this.#planned || this.#clock.head().seqno < this.#planned.seqno) return;
		clearTimeout(this.#planned.timer);
		this.#planned = null;
		try {
			await this.#chain.makeBlock();
		} catch (error) {
			this.#onError(error);
		}
	}
}
