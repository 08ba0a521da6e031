import { equalBytes, type Bytes } from '../protocol/bytes.ts';
import type { Account } from './account.ts';
import { faceValueFor, FREE_FACE_VALUES } from './face-value.ts';
import type { LookResult, PursePort } from './purse-port.ts';

/** A look at a purse is good for so long. */
export const LOOK_AGAIN_MS = 10_000;
/** While the chain cannot be asked, the last look counts for so long. */
const STALE_MS = 30_000;
/** And after accepting this part of a face value. */
const LOOKS_PER_FACE_VALUE = 100n;

export type Fitness = { ok: true; faceValueNano: bigint } | { ok: false; text: string };

/** What a contributor knows about one purse, looked at again while it is served. */
export class PurseWatch {
	readonly purse: Account;
	readonly #port: PursePort;
	readonly #nowMs: () => number;
	#good: Extract<LookResult, { ok: true }> | null = null;
	#goodAtMs = -Infinity;
	/** The last look said that there is no such purse. */
	#absent: string | null = null;
	#lookedAtMs = -Infinity;
	#looking: Promise<void> | null = null;
	#acceptedNano = 0n;

	/** @param nowMs a steady clock */
	constructor(purse: Account, port: PursePort, nowMs: () => number) {
		this.purse = purse;
		this.#port = port;
		this.#nowMs = nowMs;
	}

	/** After a look, if the last one is too old. */
	async fresh(): Promise<void> {
		if (this.#nowMs() - this.#lookedAtMs >= LOOK_AGAIN_MS || !this.#good) await this.look();
	}

	/** Looks now; callers at the same time share a look. */
	look(): Promise<void> {
		this.#looking ??= this.#look().finally(() => (this.#looking = null));
		return this.#looking;
	}

	/** A ticket was accepted: looks again beside the work, where it is time. */
	accepted(nano: bigint, faceValueNano: bigint): void {
		this.#acceptedNano += nano;
		const isMuch = this.#acceptedNano * LOOKS_PER_FACE_VALUE >= faceValueNano;
		if (isMuch || this.#nowMs() - this.#lookedAtMs >= LOOK_AGAIN_MS) void this.look();
	}

	/** Whether its tickets are worth anything, by what is known now. */
	fitness(key: Bytes, faceValues: readonly string[]): Fitness {
		if (this.#absent !== null) return unfit(this.#absent);
		if (!this.#good || this.#nowMs() - this.#goodAtMs > STALE_MS) {
			return unfit('the chain cannot be asked about it at the moment');
		}
		const { sessionKey, unlockAt, freeNano, reserveNano } = this.#good.look;
		if (!equalBytes(sessionKey, key)) return unfit('its session key is another one');
		if (unlockAt !== 0) return unfit('it is being unlocked');
		const faceValueNano = faceValueFor(faceValues, reserveNano);
		if (faceValueNano === null) return unfit('its reserve is below four face values');
		const neededNano = faceValueNano * FREE_FACE_VALUES;
		return freeNano < neededNano
			? unfit(`it has ${freeNano} nano free, ${neededNano} are needed`)
			: { ok: true, faceValueNano };
	}

	async #look(): Promise<void> {
		this.#lookedAtMs = this.#nowMs();
		this.#acceptedNano = 0n;
		const result = await this.#port.look(this.purse);
		if (result.ok) {
			this.#good = result;
			this.#goodAtMs = this.#nowMs();
			this.#absent = null;
		} else if (result.kind === 'absent') this.#absent = result.reason;
	}
}

const unfit = (text: string): Fitness => ({ ok: false, text: `the purse is not fit: ${text}` });
