import { concat, sha256, utf8, type Bytes } from '../protocol/bytes.ts';
import { accountHash, type Account } from './account.ts';

/**
 * `ton_proof` of TON Connect: a wallet's signature over the site that asked, the time, and a text that
 * the site chose. It proves who owns an address, and to that one site alone.
 * Source: docs.ton.org, "TON Connect: verifying signed data".
 */

/** What a proof states; the signature is over its digest. */
export interface TonProofClaim {
	account: Account;
	/** The host that asked, without a port. */
	domain: string;
	/** Unix seconds. */
	timestamp: number;
	/** The site's own text. */
	payload: string;
}

const ITEM_PREFIX = utf8('ton-proof-item-v2/');
const DIGEST_PREFIX = concat(Uint8Array.of(0xff, 0xff), utf8('ton-connect'));

/** What the wallet's key signs, 32 bytes. */
export async function tonProofDigest(claim: TonProofClaim): Promise<Bytes> {
	const domain = utf8(claim.domain);
	const message = concat(
		ITEM_PREFIX,
		// The workchain, big-endian as in addresses; the rest of the numbers are little-endian.
		new Uint8Array(4),
		accountHash(claim.account),
		u32le(domain.length),
		domain,
		u64le(claim.timestamp),
		utf8(claim.payload)
	);
	return sha256(concat(DIGEST_PREFIX, await sha256(message)));
}

function u32le(value: number): Bytes {
	const bytes = new Uint8Array(4);
	new DataView(bytes.buffer).setUint32(0, value, true);
	return bytes;
}

function u64le(value: number): Bytes {
	const bytes = new Uint8Array(8);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
	return bytes;
}
