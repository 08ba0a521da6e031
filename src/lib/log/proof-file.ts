import { parseChatFile, type ChatFile } from './chat-file.ts';
import { parseEvidence, type Evidence } from './evidence.ts';

/** What a file looked like that cannot be verified. */
export type UnknownFile = 'too_large' | 'evidence' | 'chat' | 'nothing';

/** What somebody drops on a page or names on a command line to have it verified. */
export type ProofFile =
	| { kind: 'chat'; file: ChatFile }
	/** A receipt or a record alone, whatever its signature. */
	| { kind: 'entry'; entry: string }
	| { kind: 'evidence'; evidence: Evidence }
	| { kind: 'unknown'; what: UnknownFile; reason: string };

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
	if (text.length > MAX_FILE_LENGTH) return unknown('too_large', 'too large');
	const trimmed = text.trim();
	if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(trimmed)) return { kind: 'entry', entry: trimmed };
	switch (typeIn(trimmed)) {
		case 'mulberry-broken-off':
			return { kind: 'entry', entry: trimmed };
		case 'mulberry-evidence': {
			const evidence = parseEvidence(trimmed);
			return evidence
				? { kind: 'evidence', evidence }
				: unknown('evidence', 'evidence that cannot be read');
		}
		case 'mulberry-chat': {
			const parsed = parseChatFile(trimmed);
			return parsed.ok
				? { kind: 'chat', file: parsed.value }
				: unknown('chat', `a chat that cannot be read (${parsed.reason})`);
		}
		default:
			return unknown('nothing', 'neither a chat, a receipt nor evidence');
	}
}

const unknown = (what: UnknownFile, reason: string): ProofFile => ({
	kind: 'unknown',
	what,
	reason
});
