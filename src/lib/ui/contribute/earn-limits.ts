import { FACE_VALUES_PER_PRICE, maxPriceNano } from '../../chain/odds.ts';
import { MAX_PARTS } from '../../protocol/amounts.ts';
import { DEFAULT_CHUNK_TOKENS } from '../../protocol/frames.ts';

/** Which prices and face values go together: a run is paid with one ticket, a question with some. */

export interface PayFigures {
	/** Nano per million tokens. */
	promptNano: bigint;
	completionNano: bigint;
	faceValueNano: bigint;
}

export type PayField = keyof PayFigures;

export type FigureFault =
	| { kind: 'not_an_amount' }
	| { kind: 'too_large'; mostNano: bigint }
	| { kind: 'too_small'; leastNano: bigint }
	/** The face value is too small for the prices that were asked. */
	| { kind: 'below_prices'; leastNano: bigint };

/** Four of these are the reserve that purses usually have, so none of them pays larger tickets. */
const USUAL_FACE_NANO = 20_000_000n;
/**
 * A purse refuses to redeem a ticket below twice the fee of 20,000 gas, 0.0027 at mainnet's prices of 2026.
 * At this one a quarter goes to fees.
 */
const LEAST_FACE_NANO = 5_000_000n;
const MOST_FACE_NANO = 10_000_000_000n;
/** What redeeming a winner takes, about: between 0.0009 and 0.0015, growing with a purse's winners of the day. */
const REDEEM_FEE_NANO = 1_200_000n;
const PRICED_TOKENS = 1_000_000n;
/** No model of the catalogue reads more. */
const LONGEST_PROMPT = 131_072n;
/** For an example: an answer of a page. */
const EXAMPLE_TOKENS = 300n;

/** What an offer names: beside a large face value also the one that usual purses can pay. */
export function offeredFaceValues(faceValueNano: bigint): bigint[] {
	return faceValueNano > USUAL_FACE_NANO ? [USUAL_FACE_NANO, faceValueNano] : [faceValueNano];
}

/** The first thing that is wrong with a field's new value beside the others; `null` if nothing is. */
export function figureFault(field: PayField, figures: PayFigures): FigureFault | null {
	const value = figures[field];
	if (field === 'faceValueNano') return faceFault(value, figures);
	if (value <= 0n) return { kind: 'not_an_amount' };
	const [smallest = 0n] = offeredFaceValues(figures.faceValueNano);
	const mostNano = mostPrices(smallest)[field];
	return value > mostNano ? { kind: 'too_large', mostNano } : null;
}

function faceFault(value: bigint, figures: PayFigures): FigureFault | null {
	if (value < LEAST_FACE_NANO) return { kind: 'too_small', leastNano: LEAST_FACE_NANO };
	if (value > MOST_FACE_NANO) return { kind: 'too_large', mostNano: MOST_FACE_NANO };
	const leastNano = leastFace(figures);
	const [smallest = 0n] = offeredFaceValues(value);
	return smallest < leastNano ? { kind: 'below_prices', leastNano } : null;
}

/** The dearest that tickets of this face value can pay, in nano per million tokens. */
function mostPrices(faceValueNano: bigint): Pick<PayFigures, 'promptNano' | 'completionNano'> {
	const ticketNano = maxPriceNano(faceValueNano);
	return {
		promptNano: (ticketNano * BigInt(MAX_PARTS) * PRICED_TOKENS) / LONGEST_PROMPT,
		completionNano: (ticketNano * PRICED_TOKENS) / BigInt(DEFAULT_CHUNK_TOKENS)
	};
}

/** The smallest face value whose tickets can pay these prices. */
function leastFace({ promptNano, completionNano }: PayFigures): bigint {
	const parts = BigInt(MAX_PARTS);
	const run = ceilDiv(completionNano * BigInt(DEFAULT_CHUNK_TOKENS), PRICED_TOKENS);
	const prompt = ceilDiv(promptNano * LONGEST_PROMPT, PRICED_TOKENS * parts);
	return (run > prompt ? run : prompt) * FACE_VALUES_PER_PRICE;
}

const ceilDiv = (a: bigint, b: bigint) => (a + b - 1n) / b;

/** About which part of a winner redeeming takes. */
export function feeShare(faceValueNano: bigint): number {
	return Number(REDEEM_FEE_NANO) / Number(faceValueNano);
}

/** In how many answers of 300 tokens one ticket wins, about. */
export function answersPerWinner({ completionNano, faceValueNano }: PayFigures): number {
	const answerNano = (completionNano * EXAMPLE_TOKENS) / PRICED_TOKENS;
	return answerNano === 0n
		? Infinity
		: Math.max(1, Math.round(Number(faceValueNano) / Number(answerNano)));
}
