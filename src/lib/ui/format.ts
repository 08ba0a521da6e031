/** Figures as people read them, each with its unit, in the page's language. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

export function formatNumber(value: number, locale: string, digits = 0): string {
	return new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
}

/** Decimal units, as shops and browsers count them: 1 GB is 10^9 bytes. */
export function formatBytes(bytes: number, locale: string): string {
	const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
	const value = bytes / 1000 ** power;
	return new Intl.NumberFormat(locale, {
		style: 'unit',
		unit: UNITS[power] ?? 'byte',
		unitDisplay: power === 0 ? 'long' : 'short',
		maximumFractionDigits: power > 0 && value < 100 ? 1 : 0
	}).format(value);
}

/** Memory modules are sold in powers of two that everybody calls "GB". */
export function formatMemory(bytes: number, locale: string): string {
	const gibibytes = bytes / 1024 ** 3;
	return new Intl.NumberFormat(locale, {
		style: 'unit',
		unit: 'gigabyte',
		maximumFractionDigits: gibibytes < 10 ? 1 : 0
	}).format(gibibytes);
}

/** "850 ms", "3.2 s", "4 min 5 s": the two largest units at most. */
export function formatDuration(ms: number, locale: string): string {
	const unit = (value: number, name: string, digits = 0) =>
		new Intl.NumberFormat(locale, {
			style: 'unit',
			unit: name,
			unitDisplay: 'short',
			maximumFractionDigits: digits
		}).format(value);
	if (ms < 999.5) return unit(Math.max(0, Math.round(ms)), 'millisecond');
	if (ms < 9_950) return unit(ms / 1000, 'second', 1);
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return unit(seconds, 'second');
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${unit(minutes, 'minute')} ${unit(seconds % 60, 'second')}`;
	return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`;
}

/** A share of one, as "42 %". */
export function formatShare(fraction: number, locale: string): string {
	return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(
		Math.min(Math.max(fraction, 0), 1)
	);
}

export function formatTime(at: number, locale: string): string {
	return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(at);
}

/** The first eight hex digits of a contributor's key: enough to recognise, short enough to read. */
export function shortPeerId(id: string): string {
	return /^[cr]/.test(id) ? id.slice(1, 9) : id.slice(0, 8);
}

/** A day and a time, for what is more than a few hours away. */
export function formatMoment(at: number, locale: string): string {
	return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}
