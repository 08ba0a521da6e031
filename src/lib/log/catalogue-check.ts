import { sha256, toBase64Url, utf8 } from '../protocol/bytes.ts';

/** The hash of a catalogue, base64url: SHA-256 of the body that `GET /api/catalogue` gives. */
export async function catalogueHash(body: string): Promise<string> {
	return toBase64Url(await sha256(utf8(body)));
}

/** A catalogue that a coordinator served at some time. */
export interface PastCatalogue {
	hash: string;
	/** When it was first served, Unix milliseconds by the coordinator's clock. */
	since: number;
	/** The transaction that wrote its hash on TON, lower-case hex, and when; `null` until then. */
	transaction: string | null;
	at: number | null;
}

export type CatalogueCheck =
	/** What was served is what stands on the chain. */
	| { kind: 'same'; hash: string }
	/** It is another; both are shown, so that nobody swaps models silently. */
	| { kind: 'changed'; served: string; onChain: string }
	/** The chain has none, or could not be asked. */
	| { kind: 'unknown'; served: string };

/**
 * Compares the catalogue that was served with the one whose hash stands on the chain.
 *
 * @param onChain base64url of the beacon's hash; all zero bits where none was written
 */
export async function checkCatalogue(
	body: string,
	onChain: string | null
): Promise<CatalogueCheck> {
	const served = await catalogueHash(body);
	if (onChain === null || /^A+$/.test(onChain)) return { kind: 'unknown', served };
	return onChain === served ? { kind: 'same', hash: served } : { kind: 'changed', served, onChain };
}
