/** What the log holds: receipts of finished answers and records of answers that broke off. */
import { verifyBrokenOff, type VerifiedRecord } from './broken-off.ts';
import { concat, sha256, toBase64Url, utf8 } from './bytes.ts';
import { MAX_RECEIPT_LENGTH, verifyReceipt, type VerifiedReceipt } from './receipt.ts';

/** No entry is longer, in characters, which are all ASCII. */
export const MAX_ENTRY_LENGTH = MAX_RECEIPT_LENGTH;

export type VerifiedEntry = VerifiedReceipt | VerifiedRecord;
export type EntryResult = { ok: true; value: VerifiedEntry } | { ok: false; reason: string };

/** Checks an entry's signature and shape; total. A record begins with a brace, a receipt never. */
export async function verifyEntry(text: unknown): Promise<EntryResult> {
	return typeof text === 'string' && text.startsWith('{')
		? verifyBrokenOff(text)
		: verifyReceipt(text);
}

/** The id of an entry: its leaf hash in the log, SHA-256(0x00 ‖ entry), as base64url. */
export async function entryId(text: string): Promise<string> {
	return toBase64Url(await sha256(concat(new Uint8Array([0]), utf8(text))));
}
