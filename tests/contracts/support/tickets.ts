import { beginCell, type Address, type Cell } from '@ton/core';
import { commitTo } from '../../../src/lib/chain/draw.ts';
import { ticketExpiry, TICKET_TAG } from '../../../src/lib/chain/ticket.ts';
import { PURSE_OPCODES } from '../../../src/lib/chain/contracts/purse-messages.ts';
import type { Bytes } from '../../../src/lib/protocol/bytes.ts';
import { sign } from '../../../src/lib/protocol/keys.ts';
import { hashOf } from './keys.ts';
import type { World } from './world.ts';

/** Draws fall below this but once in 2^64 tries: a ticket with these odds wins. */
export const SURE = (1n << 64n) - 1n;

/** The parts of a redemption, each of which a test may get wrong. */
export interface RedemptionParts {
	purse: Address;
	payee: Address;
	faceValueNano: bigint;
	odds: bigint;
	expires: number;
	network: number;
	secret: Bytes;
	commit: Bytes;
	salt: Bytes;
	receipt: Bytes;
	/** Signs in place of the session key. */
	signer: CryptoKey;
	signature: Bytes;
}

export interface Redemption {
	body: Cell;
	ticket: Cell;
	/** The ticket's id. */
	id: Bytes;
	signature: Bytes;
	secret: Bytes;
	receipt: Bytes;
}

let made = 0;

/**
 * The body of a redemption, by default of a winner of 0.02 to the payee that expires tomorrow. Built by
 * hand and not with the wrapper, which can say nothing wrong.
 */
export async function redemption(
	world: World,
	purse: Address,
	parts: Partial<RedemptionParts> = {}
): Promise<Redemption> {
	const number = ++made;
	const secret = parts.secret ?? hashOf(`secret ${number}`);
	const receipt = parts.receipt ?? hashOf(`receipt ${number}`);
	const ticket = beginCell()
		.storeUint(TICKET_TAG, 32)
		.storeInt(parts.network ?? world.network, 32)
		.storeAddress(parts.purse ?? purse)
		.storeBuffer((parts.payee ?? world.payee.address).hash)
		.storeCoins(parts.faceValueNano ?? 20_000_000n)
		.storeUint(parts.odds ?? SURE, 64)
		.storeUint(parts.expires ?? ticketExpiry(world.now * 1000), 32)
		.storeRef(
			beginCell()
				.storeBuffer(Buffer.from(parts.commit ?? (await commitTo(secret))))
				.storeBuffer(Buffer.from(parts.salt ?? hashOf(`salt ${number}`)))
				.storeBuffer(Buffer.from(receipt))
		)
		.endCell();
	const id = new Uint8Array(ticket.hash());
	const signature = parts.signature ?? (await sign(parts.signer ?? world.session.privateKey, id));
	return { body: redeemBody(secret, signature, ticket), ticket, id, signature, secret, receipt };
}

export function redeemBody(secret: Bytes, signature: Bytes, ticket: Cell): Cell {
	return beginCell()
		.storeUint(PURSE_OPCODES.redeem, 32)
		.storeBuffer(Buffer.from(secret))
		.storeBuffer(Buffer.from(signature))
		.storeRef(ticket)
		.endCell();
}
