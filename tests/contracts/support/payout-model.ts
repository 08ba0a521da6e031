/** What a redemption does to a purse's money, written down a second time for the tests. */
export interface Money {
	balanceNano: bigint;
	rentNano: bigint;
	reserveNano: bigint;
}

export interface ExpectedPayout {
	burntNano: bigint;
	afterNano: bigint;
}

/**
 * @param smallestNano what cannot be burnt because sending it costs as much
 * @returns null when the purse cannot pay
 */
export function expectedPayout(
	{ balanceNano, rentNano, reserveNano }: Money,
	faceValueNano: bigint,
	smallestNano: bigint
): ExpectedPayout | null {
	const reserveOf = (balance: bigint) => {
		const above = balance - rentNano;
		return above < reserveNano ? above : reserveNano;
	};
	const paid = balanceNano - faceValueNano;
	if (paid < rentNano) return null;
	const taken = reserveOf(balanceNano) - reserveOf(paid);
	const left = paid - rentNano;
	const wanted = taken < left ? taken : left;
	const burntNano = wanted > smallestNano ? wanted : 0n;
	return { burntNano, afterNano: paid - burntNano };
}
