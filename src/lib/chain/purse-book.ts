import type { Account } from './account.ts';
import type { PursePort } from './purse-port.ts';
import { PurseWatch } from './purse-watch.ts';

const MAX_PURSES = 256;
const MAX_SALTS = 8_192;
/** A purse whose jobs were left unpaid so often within so long is not served for the rest of it. */
const MAX_STRIKES = 3;
const STRIKES_MS = 10 * 60_000;

/** What a contributor remembers of the purses that it served: bounded, and gone with the page. */
export class PurseBook {
	readonly #port: PursePort;
	readonly #nowMs: () => number;
	readonly #watches = new Map<Account, PurseWatch>();
	readonly #strikes = new Map<Account, number[]>();
	readonly #salts = new Set<string>();

	/** @param nowMs a steady clock */
	constructor(port: PursePort, nowMs: () => number) {
		this.#port = port;
		this.#nowMs = nowMs;
	}

	watch(purse: Account): PurseWatch {
		const watch = this.#watches.get(purse) ?? new PurseWatch(purse, this.#port, this.#nowMs);
		// The one used last comes last.
		this.#watches.delete(purse);
		this.#watches.set(purse, watch);
		dropFirst(this.#watches, MAX_PURSES);
		return watch;
	}

	/** A job of this purse cost more than was paid: a prompt was read for nothing. */
	strike(purse: Account): void {
		const since = this.#nowMs() - STRIKES_MS;
		const recent = (this.#strikes.get(purse) ?? []).filter((atMs) => atMs > since);
		this.#strikes.delete(purse);
		this.#strikes.set(purse, [...recent, this.#nowMs()]);
		dropFirst(this.#strikes, MAX_PURSES);
	}

	isBanned(purse: Account): boolean {
		const since = this.#nowMs() - STRIKES_MS;
		const strikes = this.#strikes.get(purse) ?? [];
		return strikes.filter((atMs) => atMs > since).length >= MAX_STRIKES;
	}

	/** False for a salt that a ticket has had before. */
	isFreshSalt(salt: string): boolean {
		if (this.#salts.has(salt)) return false;
		this.#salts.add(salt);
		dropFirst(this.#salts, MAX_SALTS);
		return true;
	}
}

function dropFirst<T>(
	all: { size: number; keys(): Iterator<T>; delete(key: T): boolean },
	max: number
) {
	if (all.size <= max) return;
	const first = all.keys().next();
	if (!first.done) all.delete(first.value);
}
