/** Midnight of today where the person is, as time since 1970 in milliseconds. */
export function startOfToday(): number {
	return new Date().setHours(0, 0, 0, 0);
}
