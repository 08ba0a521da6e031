/** Full jitter between half and all of 1 s, 2 s, 4 s … 30 s, so that many tabs do not return at once. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
	const ceiling = Math.min(30_000, 1_000 * 2 ** Math.min(attempt, 5));
	return Math.round(ceiling * (0.5 + random() / 2));
}
