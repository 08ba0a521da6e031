/** Links that carry a receipt or record, without any words. */

const RECEIPT = 'receipt=';
const RECORD = 'record=';

/** What stands behind `#` in a link that carries a receipt or record, without any words. */
export function toFragment(entry: string): string {
	return entry.startsWith('{') ? RECORD + encodeURIComponent(entry) : RECEIPT + entry;
}

/** The receipt or record that a link's fragment carries, whatever its signature; `null` if none. */
export function readFragment(fragment: string): string | null {
	const text = fragment.replace(/^#/, '');
	if (text.startsWith(RECEIPT)) return text.slice(RECEIPT.length) || null;
	if (!text.startsWith(RECORD)) return null;
	try {
		return decodeURIComponent(text.slice(RECORD.length)) || null;
	} catch {
		return null;
	}
}
