import { beginCell, type Cell } from '@ton/core';
import { accountHash, accountOf } from '../account.ts';
import { TICKET_TAG, type Ticket } from '../ticket.ts';
import { accountOfAddress, addressOf } from './addresses.ts';
import { expectTag, loadBytes, storeBytes } from './message-parts.ts';

/*
proofs$_ commit:bits256 salt:bits256 receipt:bits256 = Proofs;
ticket#4d425431 network:int32 purse:MsgAddressInt payee:bits256 face_value:Grams
  odds:uint64 expires:uint32 proofs:^Proofs = Ticket;
*/

/** The ticket as a purse reads it; its hash is the ticket's id. */
export function ticketToCell(ticket: Ticket): Cell {
	return beginCell()
		.storeUint(TICKET_TAG, 32)
		.storeInt(ticket.network, 32)
		.storeAddress(addressOf(ticket.purse))
		.store(storeBytes(accountHash(ticket.payee), 32))
		.storeCoins(ticket.faceValueNano)
		.storeUint(ticket.odds, 64)
		.storeUint(ticket.expires, 32)
		.storeRef(
			beginCell()
				.store(storeBytes(ticket.commit, 32))
				.store(storeBytes(ticket.salt, 32))
				.store(storeBytes(ticket.receipt, 32))
		)
		.endCell();
}

/** @throws Error when the cell is no ticket, RangeError for a purse outside of workchain 0 */
export function ticketFromCell(cell: Cell): Ticket {
	const slice = cell.beginParse();
	expectTag(slice, TICKET_TAG, 'ticket');
	const terms = {
		network: slice.loadInt(32),
		purse: accountOfAddress(slice.loadAddress()),
		payee: accountOf(loadBytes(slice, 32)),
		faceValueNano: slice.loadCoins(),
		odds: slice.loadUintBig(64),
		expires: slice.loadUint(32)
	};
	const proofs = slice.loadRef().beginParse();
	slice.endParse();
	const ticket = {
		...terms,
		commit: loadBytes(proofs, 32),
		salt: loadBytes(proofs, 32),
		receipt: loadBytes(proofs, 32)
	};
	proofs.endParse();
	return ticket;
}
