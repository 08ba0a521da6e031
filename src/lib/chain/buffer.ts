/**
 * Gives a page the global `Buffer` that `@ton/core` and its friends take for granted, already while they
 * are loaded. So this comes first, and whatever imports a value of `@ton/*` is itself imported after it,
 * dynamically: among static imports a bundler decides what runs first.
 */
export async function provideBuffer(): Promise<void> {
	if ('Buffer' in globalThis) return;
	// The slash makes it the package, also where a tool knows Node's own module of that name.
	const { Buffer } = await import('buffer/');
	Object.assign(globalThis, { Buffer });
}
