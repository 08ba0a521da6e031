import type { Account } from '../../chain/account.ts';
import type { Redeemer } from '../../chain/redeemer.ts';
import type { WinnerSink } from '../../chain/ticket-income.ts';
import type { StoredWinner } from '../../store/earning-records.ts';

const NAME = 'mulberry-redeemer';

export interface RedeemingParts {
	makeRedeemer: () => Redeemer;
	locks?: Pick<LockManager, 'request'>;
}

/**
 * One tab of a browser redeems: the one that earns, or else the first that was opened. The chain would pay a
 * winner once anyway; this spares it the messages and the history two writers.
 */
export class Redeeming implements WinnerSink {
	readonly #make: () => Redeemer;
	readonly #locks: Pick<LockManager, 'request'>;
	readonly #closed = new AbortController();
	#redeemer: Redeemer | null = null;
	#isWaiting = false;
	#release: () => void = () => {};
	/** Won while another tab had the lock. */
	#held: StoredWinner[] = [];

	constructor({ makeRedeemer, locks = navigator.locks }: RedeemingParts) {
		this.#make = makeRedeemer;
		this.#locks = locks;
	}

	/** Whether this is the tab. */
	get isHere(): boolean {
		return this.#redeemer !== null;
	}

	/** Goes on with what is stored as soon as no other tab does. */
	wait(): void {
		if (this.#isWaiting || this.isHere || this.#closed.signal.aborted) return;
		this.#isWaiting = true;
		void this.#hold({ signal: this.#closed.signal });
	}

	/** Takes it over from whichever tab does it now. */
	take(): void {
		if (!this.isHere && !this.#closed.signal.aborted) void this.#hold({ steal: true });
	}

	add(winner: StoredWinner): void {
		if (this.#redeemer) return this.#redeemer.add(winner);
		this.#held.push(winner);
		this.take();
	}

	isOverdue(purse: Account): boolean {
		return this.#redeemer?.isOverdue(purse) ?? false;
	}

	close(): void {
		this.#closed.abort();
		this.#release();
	}

	async #hold(options: LockOptions): Promise<void> {
		const mine: { redeemer: Redeemer | null } = { redeemer: null };
		try {
			await this.#locks.request(NAME, options, () => {
				if (!options.steal) this.#isWaiting = false;
				if (this.isHere || this.#closed.signal.aborted) return;
				mine.redeemer = this.#begin();
				return new Promise<void>((release) => (this.#release = release));
			});
		} catch {
			// Another tab took it, or the page goes.
		}
		if (mine.redeemer === null) return;
		mine.redeemer.stop();
		this.#redeemer = null;
		this.wait();
	}

	#begin(): Redeemer {
		const redeemer = this.#make();
		this.#redeemer = redeemer;
		for (const winner of this.#held.splice(0)) redeemer.add(winner);
		redeemer.resume().catch((error: unknown) => reportError(error));
		return redeemer;
	}
}
