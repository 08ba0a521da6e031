import { concat, u32, utf8, type Bytes } from '../protocol/bytes.ts';
import type { JobId } from '../protocol/ids.ts';
import { bytesCellHash } from './cell-hash.ts';

/**
 * The draw that decides a ticket. The contributor commits to a secret before the requester draws
 * the ticket's salt, so neither can steer the hash of the two.
 */

/** Which ticket of which link a secret is for. */
export interface TicketPlace {
	/** T of the handshake (`docs/protocol.md`). */
	transcript: Bytes;
	job: JobId;
	seq: number;
	part: number;
}

/**
 * The secret behind one ticket's commit, from the contributor's lasting secret: nothing has to be
 * stored to redeem a winner, and one that became public says nothing about another.
 *
 * @param lasting an HMAC-SHA-256 key made by `createLastingSecret`
 */
export async function ticketSecret(lasting: CryptoKey, place: TicketPlace): Promise<Bytes> {
	const message = concat(place.transcript, utf8(place.job), u32(place.seq), u32(place.part));
	return new Uint8Array(await crypto.subtle.sign('HMAC', lasting, message));
}

/** A contributor's HMAC key; it cannot be exported, and is to be kept as long as its tickets live. */
export function createLastingSecret(): Promise<CryptoKey> {
	return crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

/** The `commit` of a `due` frame. */
export function commitTo(secret: Bytes): Promise<Bytes> {
	return bytesCellHash(secret);
}

/** The first 64 bits of the draw, to be compared with the odds. */
export async function drawOf(secret: Bytes, ticketId: Bytes): Promise<bigint> {
	const hash = await bytesCellHash(secret, ticketId);
	return new DataView(hash.buffer).getBigUint64(0);
}

/** The purse's own test, and the only one that counts. */
export async function isWinning(secret: Bytes, ticketId: Bytes, odds: bigint): Promise<boolean> {
	return (await drawOf(secret, ticketId)) < odds;
}
