/** Why a step could not be taken, where that has a name; pages say these in other languages. */
export const REASONS = {
	offline: 'no coordinator was asked',
	noPlace: 'it has no place in the log',
	unreachable: 'the coordinator could not be reached',
	unsigned: 'the signature does not hold',
	unnamed: 'the record does not name it',
	noCatalogue: 'there is no catalogue'
} as const;

export type Reason = (typeof REASONS)[keyof typeof REASONS];
