import { parseAccount, type Account } from '../account.ts';
import type { PurseView } from '../purse-payments.ts';
import type { PurseKeeper } from './purse-keeper.ts';
import { PurseStreams } from './purse-streams.ts';

export interface LivePurseParts {
	keeper: PurseKeeper;
	globalId: number;
	/** What the coordinator's clock is ahead of this device's, in milliseconds. */
	clockOffsetMs: number;
}

const COUNT_EVERY_MS = 1_000;

/** The purse that this browser pays from: what it has, its session key, and how many tabs use it. */
export class LivePurse {
	readonly #parts: LivePurseParts;
	#streams: { purse: string; count: PurseStreams } | null = null;
	#others = 0;
	#countedMs = -Infinity;

	constructor(parts: LivePurseParts) {
		this.#parts = parts;
	}

	/** The coordinator's clock, by which tickets expire. */
	readonly nowMs = (): number => Date.now() + this.#parts.clockOffsetMs;

	/** The session key of the purse; `null` without one. */
	get session(): { publicKey: Uint8Array<ArrayBuffer>; privateKey: CryptoKey } | null {
		const { purse } = this.#parts.keeper.snapshot;
		return purse && { publicKey: purse.publicKey, privateKey: purse.keys.privateKey };
	}

	/** `null` while no purse is open. */
	readonly view = (): PurseView | null => {
		const { keeper, globalId, clockOffsetMs } = this.#parts;
		const { purse, reading, readAt } = keeper.snapshot;
		const account = parseAccount(purse?.address);
		if (!account || reading?.kind !== 'open') return null;
		void this.#countOthers(account);
		const { freeNano, reserveNano, unlockAt } = reading;
		return {
			...{ network: globalId, purse: account, freeNano, reserveNano, unlockAt },
			...{ readAtMs: readAt + clockOffsetMs, streams: this.#others }
		};
	};

	/** An answer is paid until what it returns is called: other tabs count it, and the chain is asked oftener. */
	async begin(): Promise<() => void> {
		const { keeper } = this.#parts;
		const { purse } = keeper.snapshot;
		const endPaying = keeper.payingBegins();
		const endStream = purse ? await this.#streamsOf(purse.address).begin() : () => {};
		return () => {
			endPaying();
			endStream();
		};
	}

	#streamsOf(purse: string): PurseStreams {
		if (this.#streams?.purse !== purse) this.#streams = { purse, count: new PurseStreams(purse) };
		return this.#streams.count;
	}

	/** Asked before every ticket; the browser is asked once a second. */
	async #countOthers(purse: Account): Promise<void> {
		if (performance.now() - this.#countedMs < COUNT_EVERY_MS) return;
		this.#countedMs = performance.now();
		this.#others = await this.#streamsOf(purse).others();
	}
}
