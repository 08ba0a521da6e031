/** Amounts of coin as people read and write them. Exact: no amount passes through a floating-point number. */

const NANO_DIGITS = 9;
const NANO = 10n ** BigInt(NANO_DIGITS);

/** `1234500000n` as `1.2345`. */
export function decimalOf(nano: bigint): string {
	const digits = (nano < 0n ? -nano : nano).toString().padStart(NANO_DIGITS + 1, '0');
	const whole = digits.slice(0, -NANO_DIGITS);
	const fraction = digits.slice(-NANO_DIGITS).replace(/0+$/, '');
	return `${nano < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The same as people of a language write it, for a field that they may change. */
export function editableCoins(nano: bigint, locale: string): string {
	const separator = new Intl.NumberFormat(locale).formatToParts(0.5)[1]?.value ?? '.';
	return decimalOf(nano).replace('.', separator);
}

/**
 * A balance or a price with its unit: four decimals, and more where it is less than a hundredth. Never
 * rounded up, so that a balance shows nothing that is not there.
 */
export function formatCoins(nano: bigint, coin: string, locale: string): string {
	const isSmall = nano > -NANO / 100n && nano < NANO / 100n;
	const format = new Intl.NumberFormat(locale, {
		roundingMode: 'trunc',
		...(isSmall ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 4 })
	});
	return `${format.format(decimalOf(nano) as Intl.StringNumericLiteral)} ${coin}`;
}

/** What somebody typed, with a point or a comma; `null` for what is no amount above nothing. */
export function parseCoins(text: string): bigint | null {
	const [, whole, fraction = ''] = /^\s*(\d{1,9})(?:[.,](\d{1,9}))?\s*$/.exec(text) ?? [];
	if (whole === undefined) return null;
	const nano = BigInt(whole) * NANO + BigInt(fraction.padEnd(NANO_DIGITS, '0'));
	return nano > 0n ? nano : null;
}
