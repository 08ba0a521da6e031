import { Address, Cell } from '@ton/core';
import type { TonClient } from '@ton/ton';
import type { Account } from '../account.ts';
import { verifyPurse } from '../contracts/purse-data.ts';
import { Purse } from '../contracts/purse.ts';
import type { PurseTerms } from './purse-terms.ts';

const DAY_SECONDS = 86_400;

/** What the chain says of a purse, at one moment. */
export type PurseReading =
	/** Not opened yet, or closed. */
	| ({ kind: 'absent' } & Moment)
	| ({ kind: 'open' } & Moment & OpenPurse)
	/** Something else has this address; `reason` is for reports. */
	| ({ kind: 'foreign'; reason: string } & Moment);

interface Moment {
	/** Unix seconds by the chain's clock. */
	chainTime: number;
	balanceNano: bigint;
	/** Logical time of the account's last transaction. */
	lastLt: string | null;
}

export interface OpenPurse extends PurseTerms {
	owner: Account;
	number: number;
	/** Kept for the account's own upkeep; comes back with `Close`. */
	rentNano: bigint;
}

/** @throws what the client throws when the chain cannot be asked */
export async function readPurse(client: TonClient, account: Account): Promise<PurseReading> {
	const address = Address.parse(account);
	const state = await client.getContractState(address);
	const moment = {
		chainTime: state.timestampt,
		balanceNano: BigInt(state.balance),
		lastLt: state.lastTransaction?.lt ?? null
	};
	if (state.state !== 'active' || !state.code || !state.data) return { kind: 'absent', ...moment };
	const verified = verifyPurse(address, {
		code: rootOf(state.code),
		data: rootOf(state.data)
	});
	if (!verified.ok) return { kind: 'foreign', reason: verified.reason, ...moment };
	const { day, number } = verified.data;
	// The only one who knows what the network's prices make of the rent is the contract.
	const info = await client.open(Purse.createFromAddress(address)).getInfo();
	return {
		kind: 'open',
		...moment,
		number,
		owner: info.owner.toRawString() as Account,
		reserveNano: info.reserveNano,
		freeNano: info.freeNano,
		rentNano: moment.balanceNano - info.reserveNano - info.freeNano,
		unlockAt: info.unlockAt,
		ticketsGoneAt: day === 0 ? 0 : (day + 2) * DAY_SECONDS
	};
}

function rootOf(boc: Buffer): Cell {
	const [root] = Cell.fromBoc(boc);
	if (root) return root;
	throw new Error('boc: expected a root cell, found none');
}
