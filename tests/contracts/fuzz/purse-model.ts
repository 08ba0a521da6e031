import type { Address } from '@ton/core';
import type { SandboxContract, TreasuryContract } from '@ton/sandbox';
import { PURSE_EXIT_CODES, type PurseRefusal } from '../../../src/lib/chain/contracts/refusals.ts';
import type { Purse } from '../../../src/lib/chain/contracts/purse.ts';
import { sha256, toHex, type Bytes } from '../../../src/lib/protocol/bytes.ts';
import { expectedPayout } from '../support/payout-model.ts';
import { DAY } from '../support/world.ts';

const HOUR = 3600;

/** A redemption as the model sees it. */
export interface Attempt {
	id: Bytes;
	receipt: Bytes;
	/** The purse that the ticket names. */
	purse: Address;
	payee: Address;
	faceValueNano: bigint;
	expires: number;
	/** What is wrong with it from the beginning; time and the purse may add to that. */
	flaw: 'wrongNetwork' | 'losingTicket' | 'wrongSecret' | 'wrongSignature' | null;
}

/** What the network charges, as far as a purse reckons with it. */
export interface Fees {
	rentNano: bigint;
	floorNano: bigint;
	smallestNano: bigint;
}

/** What one purse should do, written a second time and without a chain. */
export class PurseModel {
	readonly contract: SandboxContract<Purse>;
	readonly owner: SandboxContract<TreasuryContract>;
	readonly reserveNano: bigint;
	exists = false;
	unlockAt = 0;
	anchor: Bytes = new Uint8Array(32);
	lastPaidDay = 0;
	/** Never forgotten, unlike in the contract: no id may ever be paid twice. */
	readonly redeemed = new Set<string>();

	constructor(
		contract: SandboxContract<Purse>,
		owner: SandboxContract<TreasuryContract>,
		reserveNano: bigint
	) {
		this.contract = contract;
		this.owner = owner;
		this.reserveNano = reserveNano;
	}

	/** `null` if the purse has to pay. The order is the contract's. */
	refusalOf(
		attempt: Attempt,
		now: number,
		balanceNano: bigint,
		fees: Fees,
		isExternal: boolean
	): PurseRefusal | null {
		const { flaw, faceValueNano } = attempt;
		if (flaw === 'wrongNetwork') return flaw;
		if (!attempt.purse.equals(this.contract.address)) return 'wrongPurse';
		if (flaw === 'losingTicket') return flaw;
		if (attempt.expires < now) return 'expired';
		if (attempt.expires >= (Math.floor(now / DAY) + 2) * DAY) return 'expiresTooLate';
		if (flaw !== null) return flaw;
		if (faceValueNano * 4n > this.reserveNano) return 'faceValueTooHigh';
		if (this.redeemed.has(toHex(attempt.id))) return 'alreadyRedeemed';
		if (balanceNano < fees.rentNano + faceValueNano) return 'notCovered';
		return isExternal && faceValueNano < fees.floorNano ? 'faceValueTooLow' : null;
	}

	/** The balance after a payout, but for what the import turns out cheaper. */
	afterPayout(attempt: Attempt, balanceNano: bigint, fees: Fees): bigint {
		const money = { balanceNano, rentNano: fees.rentNano, reserveNano: this.reserveNano };
		const expected = expectedPayout(money, attempt.faceValueNano, fees.smallestNano);
		if (!expected) throw new Error('model: expected a payout');
		return expected.afterNano;
	}

	async record(attempt: Attempt, now: number): Promise<void> {
		this.redeemed.add(toHex(attempt.id));
		this.lastPaidDay = Math.floor(now / DAY);
		const chained = new Uint8Array([0, 0x80, ...this.anchor, ...attempt.receipt]);
		this.anchor = await sha256(chained);
	}

	isReserveFree(now: number): boolean {
		return this.unlockAt !== 0 && this.unlockAt <= now;
	}

	/** Money that a withdrawal may take. */
	withdrawable(now: number, balanceNano: bigint, fees: Fees): bigint {
		return balanceNano - fees.rentNano - (this.isReserveFree(now) ? 0n : this.reserveNano);
	}

	unlock(now: number): void {
		if (this.unlockAt === 0) this.unlockAt = now + HOUR;
	}

	closeRefusal(now: number): PurseRefusal | null {
		if (!this.isReserveFree(now)) return 'reserveLocked';
		return Math.floor(now / DAY) < this.lastPaidDay + 2 ? 'idsStillValid' : null;
	}

	/** An account that was deleted, and may be deployed again. */
	forget(): void {
		this.exists = false;
		this.unlockAt = 0;
		this.anchor = new Uint8Array(32);
		this.lastPaidDay = 0;
	}
}

export const exitCode = (refusal: PurseRefusal): number => PURSE_EXIT_CODES[refusal];
