import { utf8 } from '../protocol/bytes.ts';
import { entryId, verifyEntry } from '../protocol/log-entry.ts';
import type {
	AnswerPlace,
	AnswerTurn,
	PartProof,
	QuestionTurn,
	StoredChat,
	Turn,
	TurnProofs
} from '../store/chat-records.ts';
import {
	partsOf,
	type ChatFile,
	type FileAnswer,
	type FilePart,
	type FileTurn
} from './chat-file.ts';
import { readHead } from './head.ts';

export interface ExportedFrom {
	/** Origin of the coordinator. */
	coordinator: string;
	nowMs: number;
}

/** A stored chat as a file. @param proofs of each answer, by the turn's id */
export function toChatFile(
	chat: StoredChat,
	turns: readonly Turn[],
	proofs: ReadonlyMap<string, readonly PartProof[]>,
	{ coordinator, nowMs }: ExportedFrom
): ChatFile {
	const { title, model, place, createdAt, settings } = chat;
	return {
		typ: 'mulberry-chat',
		v: 1,
		exported: nowMs,
		coordinator,
		chat: { title, model, ...placed(place), createdAt, settings: { ...settings } },
		turns: turns.map((turn) =>
			turn.kind === 'question'
				? { kind: 'question', at: turn.at, text: turn.text }
				: fileAnswer(turn, proofs.get(turn.id) ?? [])
		)
	};
}

const placed = (place: AnswerPlace | undefined) => (place === undefined ? {} : { place });

function fileAnswer(turn: AnswerTurn, proofs: readonly PartProof[]): FileAnswer {
	const { at, model, place, digest, text, earlier } = turn;
	return {
		kind: 'answer',
		at,
		model,
		...placed(place),
		digest,
		text,
		outcome: exportedOutcome(turn.outcome),
		parts: proofs.map(({ evidence, logged }): FilePart => {
			const { job, offer, runs, entry } = evidence;
			const bytes = utf8(evidence.text).length;
			return { job, offer, runs, bytes, entry, ...(logged ? { logged } : {}) };
		}),
		earlier: [...earlier]
	};
}

/** Without amounts: what somebody may spend is nobody's business. */
function exportedOutcome(outcome: AnswerTurn['outcome']): FileAnswer['outcome'] {
	if (outcome.kind !== 'failed') return outcome;
	const failure = { ...outcome.failure };
	delete failure.limitNano;
	delete failure.neededNano;
	return { kind: 'failed', failure };
}

/** An imported chat as this browser stores it, under new ids. */
export function fromChatFile(
	file: ChatFile,
	newId: () => string,
	nowMs: number
): { chat: StoredChat; turns: Turn[]; proofs: TurnProofs[] } {
	const chat: StoredChat = { id: newId(), ...file.chat, updatedAt: nowMs };
	const proofs: TurnProofs[] = [];
	const turns = file.turns.map((turn, position): Turn => {
		const place = { id: newId(), chat: chat.id, position, at: turn.at };
		if (turn.kind === 'question') return { ...place, kind: 'question', text: turn.text };
		proofs.push({ turn: place.id, chat: chat.id, parts: proofsOf(turn) });
		return storedAnswer(turn, place);
	});
	return { chat, turns, proofs };
}

function proofsOf(answer: FileAnswer): PartProof[] {
	return partsOf(answer).parts.map((evidence, index) => ({
		evidence,
		logged: answer.parts[index]?.logged ?? null,
		mismatch: null
	}));
}

function storedAnswer(
	answer: FileAnswer,
	place: Pick<QuestionTurn, 'id' | 'chat' | 'position' | 'at'>
): AnswerTurn {
	const { model, place: where, digest, text, outcome, earlier } = answer;
	// An answer that was being written when it was exported is not being written here.
	const settled = outcome.kind === 'streaming' ? ({ kind: 'broken_off' } as const) : outcome;
	const turn = { kind: 'answer', model, ...placed(where), digest, text, earlier } as const;
	return { ...place, ...turn, outcome: settled, authors: [], figures: null };
}

/** A chat for reading, with the id of every receipt below its answer. */
export async function chatMarkdown(file: ChatFile): Promise<string> {
	const { title, model } = file.chat;
	const turns = await Promise.all(file.turns.map(turnMarkdown));
	const exported = new Date(file.exported).toISOString();
	const head = `# ${title}\n\n_${model}, exported ${exported}, log of ${file.coordinator}_\n`;
	return [head, ...turns].join('\n');
}

async function turnMarkdown(turn: FileTurn): Promise<string> {
	if (turn.kind === 'question') return `## Question\n\n${turn.text}\n`;
	const notes = await Promise.all(turn.parts.map(partMarkdown));
	if (partsOf(turn).rest !== '') notes.push('- the end of this answer is not covered by a receipt');
	return `## Answer\n\n${turn.text}\n${notes.length > 0 ? `\n${notes.join('\n')}\n` : ''}`;
}

async function partMarkdown({ entry, logged }: FilePart): Promise<string> {
	const verified = await verifyEntry(entry);
	const kind = !verified.ok ? 'invalid' : verified.value.kind;
	const by = verified.ok ? ` by ${verified.value.peer}` : '';
	const head = readHead(logged?.head);
	const where = logged && head ? `, entry ${logged.index} of the log ${head.key}` : '';
	return `- ${kind} \`${await entryId(entry)}\`${by}${where}`;
}
