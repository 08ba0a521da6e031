/**
 * A beacon as a page reads it, without a word of TON's code: that loads with the first question.
 */
import { toBase64Url, type Bytes } from '../../protocol/bytes.ts';
import type { TonClient } from '../ton-client.ts';
import { openTonClient } from '../ton-client.ts';

export interface BeaconState {
	/** The last anchored head; size 0 before the first. */
	head: { size: number; root: Bytes; timeMs: number };
	/** Hash of the catalogue, base64url; all zero bits before the first. */
	catalogue: string;
}

/** What a coordinator says of an anchor, for the chain to confirm. */
export interface ClaimedAnchor {
	/** The beacon's address, raw. */
	beacon: string;
	/** Hash, lower-case hex, and logical time. */
	transaction: string;
	lt: string;
	/** Unix milliseconds. */
	at: number;
	head: { size: number; root: Bytes; time: number };
}

/** Asks the chain that a coordinator is on. All methods throw where the chain cannot be asked. */
export class BeaconReader {
	readonly #coordinator: URL;
	#client: Promise<TonClient> | undefined;

	constructor(coordinator: URL) {
		this.#coordinator = coordinator;
	}

	/** @param beacon raw or user-friendly */
	async read(beacon: string): Promise<BeaconState> {
		const [client, { Beacon }, { Address }] = await this.#load();
		const opened = client.open(Beacon.createFromAddress(Address.parse(beacon)));
		const [head, catalogue] = await Promise.all([opened.getLastHead(), opened.getCatalogue()]);
		const { size, root, timeMs } = head;
		return { head: { size: Number(size), root, timeMs }, catalogue: toBase64Url(catalogue) };
	}

	/** Whether that transaction of that beacon wrote this head at that time. */
	async confirms({ beacon, transaction, lt, at, head }: ClaimedAnchor): Promise<boolean> {
		const [client] = await this.#load();
		const { hasAnchored } = await import('./beacon-transactions.ts');
		const { size, root, time: timeMs } = head;
		const expected = { size: BigInt(size), root, timeMs };
		return hasAnchored(client, beacon, { hash: transaction, lt, at }, expected);
	}

	async #load() {
		this.#client ??= openTonClient(this.#coordinator).catch((error: unknown) => {
			this.#client = undefined;
			throw error;
		});
		// First the client, which brings what TON's other code needs to load.
		const client = await this.#client;
		const [contracts, core] = await Promise.all([
			import('../contracts/beacon.ts'),
			import('@ton/core')
		]);
		return [client, contracts, core] as const;
	}
}
