/**
 * Where the beads of the mulberry sit, from the tip upwards: a row is given by its number of beads,
 * and rows are packed like cannonballs. One shape serves as logo, as progress and as the picture of
 * the network, where each bead is a tab at work.
 */
const ROWS = [2, 3, 4, 5, 4, 5, 4, 3] as const;
const SPACING = 11;
const ROW_HEIGHT = 9.4;

export interface Bead {
	x: number;
	y: number;
	radius: number;
}

const round = (value: number) => Math.round(value * 10) / 10;

/** All beads, the lowest first, inside a box of 64 by 88 units whose origin is top left. */
export const BEADS: readonly Bead[] = ROWS.flatMap((count, row) =>
	Array.from({ length: count }, (_, index) => ({
		x: round(32 + (index - (count - 1) / 2) * SPACING),
		// The ends of a row hang a little, which makes the fruit round.
		y: round(80 - row * ROW_HEIGHT - Math.abs(index - (count - 1) / 2) * 1.1),
		radius: round(6.2 - Math.abs(index - (count - 1) / 2) * 0.25)
	}))
);

/** How many beads are ripe at this fraction; anything begun shows at least one. */
export function ripeBeads(fraction: number): number {
	if (!(fraction > 0)) return 0;
	return Math.max(1, Math.floor(Math.min(fraction, 1) * BEADS.length));
}
