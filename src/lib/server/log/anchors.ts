/**
 * Heads written on a chain, where nobody can take them back. What writes them lies elsewhere: the
 * log only knows this.
 */
import type { SignedHead } from '../../log/head.ts';

export interface Anchored {
	/** Hash of the transaction that wrote it, lower-case hex. */
	transaction: string;
	/** When the chain took it, Unix milliseconds by the chain's clock. */
	at: number;
}

export interface AnchoredHead extends Anchored {
	/** The signed head (JWS). */
	head: string;
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
	/**
	 * Writes the hash of the catalogue that is served now.
	 *
	 * @param hash SHA-256, base64url
	 * @throws Error as `anchor` does
	 */
	anchorCatalogue(hash: string): Promise<Anchored>;
}

const noChain = () =>
	Promise.reject(new Error('This coordinator has no chain to anchor its log on.'));

/** Where no chain is: nothing is anchored, and nothing says that it were. */
export const NO_ANCHORS: Anchors = {
	list: () => Promise.resolve([]),
	anchor: noChain,
	anchorCatalogue: noChain
};
