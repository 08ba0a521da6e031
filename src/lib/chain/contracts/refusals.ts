/** Why a contract refused a message: the exit codes of `contracts/errors.tolk`. */

export const PURSE_EXIT_CODES = {
	notOwner: 201,
	unknownMessage: 202,
	notEnoughFree: 210,
	reserveLocked: 211,
	idsStillValid: 212,
	stateInitAttached: 220,
	wrongNetwork: 221,
	wrongPurse: 222,
	expired: 224,
	expiresTooLate: 225,
	faceValueTooHigh: 226,
	faceValueTooLow: 227,
	wrongSecret: 228,
	losingTicket: 229,
	unsafeKey: 230,
	wrongSignature: 231,
	alreadyRedeemed: 232,
	tooManyPaid: 233,
	notCovered: 234
} as const;
export type PurseRefusal = keyof typeof PURSE_EXIT_CODES;

export const BEACON_EXIT_CODES = {
	notOwner: 201,
	unknownMessage: 202,
	sizeNotGrown: 240,
	timeNotGrown: 241,
	timeInFuture: 242
} as const;
export type BeaconRefusal = keyof typeof BEACON_EXIT_CODES;

/** TVM's own exit codes that a malformed or underpaid message leads to. */
export const TVM_EXIT_CODES = { malformed: 9, wrongTag: 63, outOfGas: -14 } as const;
type TvmRefusal = keyof typeof TVM_EXIT_CODES;

const TVM_SENTENCES: Record<TvmRefusal, string> = {
	malformed: 'The message has not the form that the contract expects.',
	wrongTag: 'The message holds something else than a ticket.',
	outOfGas: 'The message brought too little money to pay for its work.'
};

const PURSE_SENTENCES: Record<PurseRefusal, string> = {
	notOwner: 'Only the wallet that opened this purse may do that.',
	unknownMessage: 'The purse does not know this kind of message.',
	notEnoughFree: 'The purse does not have that much free money.',
	reserveLocked: 'The reserve is locked: unlock it and wait an hour.',
	idsStillValid:
		'Tickets paid today or yesterday are still valid; the purse can be closed after they expire.',
	stateInitAttached: 'A redemption must come without a StateInit.',
	wrongNetwork: 'The ticket is for another network.',
	wrongPurse: 'The ticket is for another purse.',
	expired: 'The ticket has expired.',
	expiresTooLate: 'The ticket expires later than tomorrow.',
	faceValueTooHigh: 'The face value is more than a quarter of the reserve.',
	faceValueTooLow: 'The face value is too small to pay for redeeming it.',
	wrongSecret: 'The secret is not the one that the ticket was made for.',
	losingTicket: 'The ticket did not win.',
	unsafeKey: 'The session key of this purse is one under which anybody can sign.',
	wrongSignature: 'The session key of this purse did not sign this ticket.',
	alreadyRedeemed: 'The ticket was redeemed before.',
	tooManyPaid: 'The purse has paid too many tickets for one day; try again after midnight UTC.',
	notCovered: 'The purse does not have the money for this ticket.'
};

const BEACON_SENTENCES: Record<BeaconRefusal, string> = {
	notOwner: "Only the beacon's owner may do that.",
	unknownMessage: 'The beacon does not know this kind of message.',
	sizeNotGrown: 'The log has not grown since the last anchor.',
	timeNotGrown: 'The head is not newer than the last anchor.',
	timeInFuture: 'The head comes from a clock that runs ahead.'
};

export interface Refused<Kind extends string> {
	kind: Kind;
	exitCode: number;
	/** For people; English, like all errors of the chain. */
	sentence: string;
}

function refusal<Kind extends string>(
	exitCode: number,
	codes: Record<Kind, number>,
	sentences: Record<Kind, string>
): Refused<Kind> | null {
	for (const kind in codes) {
		if (codes[kind] === exitCode) return { kind, exitCode, sentence: sentences[kind] };
	}
	return null;
}

/** What a purse's exit code means; `null` for 0 and for codes that a purse never ends with. */
export function purseRefusal(exitCode: number): Refused<PurseRefusal | TvmRefusal> | null {
	return refusal(
		exitCode,
		{ ...PURSE_EXIT_CODES, ...TVM_EXIT_CODES },
		{ ...PURSE_SENTENCES, ...TVM_SENTENCES }
	);
}

/** What a beacon's exit code means; `null` for 0 and for codes that a beacon never ends with. */
export function beaconRefusal(exitCode: number): Refused<BeaconRefusal | TvmRefusal> | null {
	return refusal(
		exitCode,
		{ ...BEACON_EXIT_CODES, ...TVM_EXIT_CODES },
		{ ...BEACON_SENTENCES, ...TVM_SENTENCES }
	);
}
