import type { Refusal } from './admission.ts';
import type { Settings } from './settings.ts';
import { KeyedBuckets } from './token-bucket.ts';

/** How many sockets there are, in all and by address, and how fast new ones come. */
export class SocketLimits {
	readonly #settings: Settings;
	readonly #arrivals: KeyedBuckets;
	readonly #openByAddress = new Map<string, number>();

	constructor(settings: Settings) {
		this.#settings = settings;
		const perSecond = settings.newSocketsPerSecond;
		// A page that opens with several tabs comes all at once.
		this.#arrivals = new KeyedBuckets({ perSecond, burst: perSecond * 2 });
	}

	/** Counts a socket in, or says why it must stay outside; each one counted in must `leave`. */
	enter(address: string, openInAll: number, nowMs: number): Refusal | null {
		const { maxSockets, socketsPerAddress } = this.#settings;
		if (openInAll >= maxSockets) {
			return { status: 503, code: 'full', message: 'This coordinator is full; try again later.' };
		}
		const open = this.#openByAddress.get(address) ?? 0;
		if (open >= socketsPerAddress || !this.#arrivals.take(address, nowMs)) {
			return {
				status: 429,
				code: 'too_many_sockets',
				message: 'Too many connections from this address; try again in a moment.'
			};
		}
		this.#openByAddress.set(address, open + 1);
		return null;
	}

	leave(address: string): void {
		const open = (this.#openByAddress.get(address) ?? 0) - 1;
		if (open > 0) this.#openByAddress.set(address, open);
		else this.#openByAddress.delete(address);
	}
}
