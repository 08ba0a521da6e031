/**
 * Heads written on a chain, where nobody can take them back. What writes them lies elsewhere: the
 * log only knows this.
 */
import type { SignedHead } from '../../log/head.ts';

export interface AnchoredHead {
	/** The signed head (JWS). */
	head: string;
	/** Hash of the transaction that wrote it, lower-case hex. */
	transaction: string;
	/** When the chain took it, Unix milliseconds by the chain's clock. */
	at: number;
}

export interface Anchors {
	/** All of this log's anchored heads, from the oldest. */
	list(): Promise<readonly AnchoredHead[]>;
	/**
	 * Writes a head that is larger and later than the last one; resolves once the chain has it.
	 *
	 * @throws Error with one sentence for the operator, for example without funds
	 */
	anchor(head: SignedHead): Promise<AnchoredHead>;
}

/** Where no chain is: nothing is anchored, and nothing says that it were. */
export const NO_ANCHORS: Anchors = {
	list: () => Promise.resolve([]),
	anchor: () => Promise.reject(new Error('This coordinator has no chain to anchor its log on.'))
};
