import { fromBase64Url, randomBytes, toBase64Url, type Bytes } from '../protocol/bytes.ts';
import type { FrameOf } from '../protocol/frames.ts';
import { sign, verifySignature } from '../protocol/keys.ts';
import { accountHash, type Account } from './account.ts';
import { BitWriter } from './bit-writer.ts';
import { bytesCellHash, cellHash } from './cell-hash.ts';
import { oddsFor } from './odds.ts';

/**
 * Tickets: signed promises of a purse that pay their face value with a small probability.
 * This is the hot path, once a run on both sides: bytes and WebCrypto, nothing of `@ton/core`.
 */

/** The first 32 bits of a ticket's cell. */
export const TICKET_TAG = 0x4d425431;

/** What the tickets of one job have in common; both sides know it before the first `due`. */
export interface TicketTerms {
	/** The network's global id: -239 mainnet, -3 testnet. */
	network: number;
	purse: Account;
	/** The contributor's payout address; a purse pays into workchain 0 only. */
	payee: Account;
	faceValueNano: bigint;
	/** Unix seconds, inclusive. */
	expires: number;
}

export interface Ticket extends TicketTerms {
	/** The probability of winning in units of 2^-64. */
	odds: bigint;
	/** The hash of the contributor's secret, 32 bytes, from the `due` frame. */
	commit: Bytes;
	/** 32 random bytes by the requester. */
	salt: Bytes;
	/** The running state that the ticket pays for, 32 bytes. */
	receipt: Bytes;
}

/** What a `due` asks for, and the running state that its ticket has to name. */
export interface Due {
	priceNano: bigint;
	commit: Bytes;
	receipt: Bytes;
}

export interface SignedTicket {
	ticket: Ticket;
	/** The hash of the ticket's cell: what is signed, drawn and remembered by the purse. */
	id: Bytes;
	signature: Bytes;
}

/** A ticket that won, with all that redeeming it takes. */
export interface Winner extends SignedTicket {
	secret: Bytes;
}

const DAY_SECONDS = 86_400;

/** 23:59:59 UTC of the day after, in Unix seconds: the purse remembers ids for two days. */
export function ticketExpiry(nowMs: number): number {
	return (Math.floor(nowMs / 1000 / DAY_SECONDS) + 2) * DAY_SECONDS - 1;
}

/**
 * The ticket that pays a `due`.
 *
 * @throws RangeError when the price is above what one ticket may cost
 */
export function makeTicket(terms: TicketTerms, due: Due, salt = randomBytes(32)): Ticket {
	return {
		...terms,
		odds: oddsFor(due.priceNano, terms.faceValueNano),
		commit: due.commit,
		salt,
		receipt: due.receipt
	};
}

/** The hash of the ticket's cell. */
export async function ticketId(ticket: Ticket): Promise<Bytes> {
	const data = new BitWriter()
		.uint(TICKET_TAG, 32)
		.int(ticket.network, 32)
		.account(accountHash(ticket.purse))
		.raw(accountHash(ticket.payee))
		.coins(ticket.faceValueNano)
		.uint(ticket.odds, 64)
		.uint(ticket.expires, 32);
	const proofs = await bytesCellHash(ticket.commit, ticket.salt, ticket.receipt);
	return cellHash(data, { hash: proofs, depth: 0 });
}

/** @param sessionKey the purse's private key, of WebCrypto */
export async function signTicket(sessionKey: CryptoKey, ticket: Ticket): Promise<SignedTicket> {
	const id = await ticketId(ticket);
	return { ticket, id, signature: await sign(sessionKey, id) };
}

/** What of a signed ticket travels: the rest the contributor knows from its own `due`. */
export function ticketToWire({
	ticket,
	signature
}: SignedTicket): Pick<FrameOf<'ticket'>, 'salt' | 'sig'> {
	return { salt: toBase64Url(ticket.salt), sig: toBase64Url(signature) };
}

/**
 * The contributor's side of `ticketToWire`: builds the ticket that its `due` asked for and checks the
 * signature. `null` if anything differs, for the signature covers all of it.
 *
 * @param sessionKey the purse's key, as its data on the chain names it
 */
export async function ticketFromWire(
	sessionKey: Bytes,
	terms: TicketTerms,
	due: Due,
	wire: Pick<FrameOf<'ticket'>, 'salt' | 'sig'>
): Promise<SignedTicket | null> {
	const salt = fromBase64Url(wire.salt);
	const signature = fromBase64Url(wire.sig);
	if (salt?.length !== 32 || signature?.length !== 64) return null;
	const ticket = makeTicket(terms, due, salt);
	const id = await ticketId(ticket);
	return (await verifySignature(sessionKey, signature, id)) ? { ticket, id, signature } : null;
}
