import { verifyEntry } from '../protocol/log-entry.ts';
import { parseChatFile, type ChatFile } from './chat-file.ts';
import { parseEvidence, type Evidence } from './evidence.ts';

/** What somebody drops on a page or names on a command line to have it verified. */
export type ProofFile =
	| { kind: 'chat'; file: ChatFile }
	/** A receipt or a record alone, whatever its signature. */
	| { kind: 'entry'; entry: string }
	| { kind: 'evidence'; evidence: Evidence }
	| { kind: 'unknown'; reason: string };

/** Larger files are no chats. */
export const MAX_FILE_LENGTH = 64 * 1024 * 1024;

const typeIn = (text: string): unknown => {
	try {
		return (JSON.parse(text) as { typ?: unknown } | null)?.typ;
	} catch {
		return undefined;
	}
};

/** Recognizes a file by what is in it; total. */
export function readProofFile(text: string): ProofFile {
	if (text.length > MAX_FILE_LENGTH) return { kind: 'unknown', reason: 'too large' };
	const trimmed = text.trim();
	if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(trimmed)) return { kind: 'entry', entry: trimmed };
	switch (typeIn(trimmed)) {
		case 'mulberry-broken-off':
			return { kind: 'entry', entry: trimmed };
		case 'mulberry-evidence': {
			const evidence = parseEvidence(trimmed);
			return evidence
				? { kind: 'evidence', evidence }
				: { kind: 'unknown', reason: 'evidence that cannot be read' };
		}
		case 'mulberry-chat': {
			const parsed = parseChatFile(trimmed);
			return parsed.ok
				? { kind: 'chat', file: parsed.value }
				: { kind: 'unknown', reason: `a chat that cannot be read (${parsed.reason})` };
		}
		default:
			return { kind: 'unknown', reason: 'neither a chat, a receipt nor evidence' };
	}
}

const RECEIPT = 'receipt=';
const RECORD = 'record=';

/** What stands behind `#` in a link that carries a receipt or record, without any words. */
export function toFragment(entry: string): string {
	return entry.startsWith('{') ? RECORD + encodeURIComponent(entry) : RECEIPT + entry;
}

/** The receipt or record in a link's fragment, its signature checked; `null` if there is none. */
export async function fromFragment(fragment: string): Promise<string | null> {
	const text = fragment.replace(/^#/, '');
	let entry: string;
	if (text.startsWith(RECEIPT)) entry = text.slice(RECEIPT.length);
	else if (text.startsWith(RECORD)) {
		try {
			entry = decodeURIComponent(text.slice(RECORD.length));
		} catch {
			return null;
		}
	} else return null;
	return (await verifyEntry(entry)).ok ? entry : null;
}
