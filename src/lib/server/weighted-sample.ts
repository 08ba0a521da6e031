/**
 * Draws up to `count` items without replacement, each next one with a chance in proportion to its
 * weight (Efraimidis and Spirakis, 2006). Items of weight 0 are never drawn.
 *
 * @param random uniform in [0, 1)
 */
export function weightedSample<T>(
	items: readonly T[],
	weightOf: (item: T) => number,
	count: number,
	random: () => number
): T[] {
	return (
		items
			.map((item) => ({ item, weight: weightOf(item) }))
			.filter(({ weight }) => weight > 0)
			// An exponential clock of rate `weight` for each item: who rings first is drawn first.
			.map(({ item, weight }) => ({ item, ringsAt: -Math.log(1 - random()) / weight }))
			.sort((a, b) => a.ringsAt - b.ringsAt)
			.slice(0, count)
			.map(({ item }) => item)
	);
}
