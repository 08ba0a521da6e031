/** A purse refuses tickets above this part of its reserve. */
export const RESERVE_FACE_VALUES = 4n;
/** Free money below so many face values is too little to go on with. */
export const FREE_FACE_VALUES = 3n;

/**
 * The face value of a job's tickets: the largest that the contributor takes and the reserve allows. Both
 * sides find the same, for the reserve never changes.
 *
 * @param taken in nano, as the offer has them
 */
export function faceValueFor(taken: readonly string[], reserveNano: bigint): bigint | null {
	const fitting = taken.map(BigInt).filter((nano) => nano * RESERVE_FACE_VALUES <= reserveNano);
	return fitting.length === 0 ? null : fitting.reduce((a, b) => (a > b ? a : b));
}
