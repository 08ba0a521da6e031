/**
 * Prices and odds of tickets, in integers only: a ticket's expected value is its odds times its face
 * value, and never less than the price of what it pays for.
 */

/** Odds are a 64-bit number: a ticket wins if the first 64 bits of its draw are below it. */
const ODDS_ONE = 1n << 64n;

/**
 * A ticket costs at most this part of its face value, so that many requesters' jobs at once cannot owe
 * more winners than a purse holds. A dear prompt is paid with several tickets.
 */
export const FACE_VALUES_PER_PRICE = 20n;

/** What a single ticket of this face value may cost, in nano. */
export function maxPriceNano(faceValueNano: bigint): bigint {
	return faceValueNano / FACE_VALUES_PER_PRICE;
}

/**
 * The odds at which a ticket of this face value is worth at least `priceNano`: rounded up.
 *
 * @throws RangeError when the price is not above 0, or more than one ticket may cost
 */
export function oddsFor(priceNano: bigint, faceValueNano: bigint): bigint {
	const maxNano = maxPriceNano(faceValueNano);
	if (priceNano <= 0n || priceNano > maxNano) {
		throw new RangeError(`price: expected 1 to ${maxNano} nano, found ${priceNano}`);
	}
	return (priceNano * ODDS_ONE + faceValueNano - 1n) / faceValueNano;
}

/** What a ticket is worth on average, rounded down. */
export function expectedNano(odds: bigint, faceValueNano: bigint): bigint {
	return (odds * faceValueNano) / ODDS_ONE;
}
