/** Figures of purses that pages need too; nothing of TON's code, so that a page may load it first. */

/**
 * Four times the usual face value of a ticket. It is what a contributor's winner is safe by while it is on
 * its way, and comes back an hour after it is asked for.
 */
export const RESERVE_NANO = 80_000_000n;

/** The usual face value of a ticket: payouts come in pieces of this size. */
export const USUAL_FACE_VALUE_NANO = 20_000_000n;

/**
 * About what a purse keeps for the account's own upkeep, at mainnet's prices of 2026. Once it is open, the
 * contract tells the true figure.
 */
export const RENT_ESTIMATE_NANO = 2_100_000n;

/**
 * What a message without a deposit brings for its own costs: twenty times what the dearest takes at today's
 * prices. What is left comes back with a withdrawal and with closing, and is free money otherwise.
 */
export const MESSAGE_NANO = 20_000_000n;

/** Below this a new purse could not pay for anything: contributors want three face values that are free. */
export const LEAST_TO_OPEN_NANO = RESERVE_NANO + 3n * USUAL_FACE_VALUE_NANO + 10_000_000n;

/** Of what an open purse is. */
export interface PurseTerms {
	reserveNano: bigint;
	/** Above rent and reserve; below 0 once the reserve has been eaten into. */
	freeNano: bigint;
	/** Unix seconds from which the reserve is free; 0 while it is locked. */
	unlockAt: number;
	/** Unix seconds from which `Close` is taken, if `unlockAt` is not later. */
	ticketsGoneAt: number;
}

/** Whether the hour after `Unlock` is over. */
export function isReserveFree(
	{ unlockAt }: Pick<PurseTerms, 'unlockAt'>,
	chainTime: number
): boolean {
	return unlockAt !== 0 && unlockAt <= chainTime;
}

/** What `Withdraw` pays out now. */
export function withdrawableNano(purse: PurseTerms, chainTime: number): bigint {
	const nano = purse.freeNano + (isReserveFree(purse, chainTime) ? purse.reserveNano : 0n);
	return nano > 0n ? nano : 0n;
}

/** Unix seconds from which `Close` is taken; `null` while the reserve is locked. */
export function closableAt({ unlockAt, ticketsGoneAt }: PurseTerms): number | null {
	return unlockAt === 0 ? null : Math.max(unlockAt, ticketsGoneAt);
}
