/** What this browser keeps of a chat. The words never leave it but for the contributor who answers. */
import type { Finish } from '../protocol/job.ts';
import type { Logged, PartEvidence } from '../protocol/part-evidence.ts';

export interface ChatSettings {
	/** System prompt; empty for none. */
	system: string;
	/** `null`: the model's own default. */
	temperature: number | null;
	maxTokens: number | null;
}

/** Where an answer is made: by contributors, or by a model on this device. */
export type AnswerPlace = 'network' | 'device';

export interface StoredChat {
	id: string;
	title: string;
	/** Catalogue id of the model last asked. */
	model: string;
	/** Where it was asked; absent in chats of earlier versions, which knew the network only. */
	place?: AnswerPlace;
	settings: ChatSettings;
	createdAt: number;
	updatedAt: number;
}

interface TurnPlace {
	id: string;
	chat: string;
	/** Order inside the chat, from 0. */
	position: number;
	at: number;
}

export interface QuestionTurn extends TurnPlace {
	kind: 'question';
	text: string;
}

/** `code` and `field` as the contributor told them, where it was one. */
export interface StoredFailure {
	kind: string;
	code?: string | null;
	field?: string;
	/** What an engine on this device said. */
	detail?: string;
	/** The limit that payment stopped at, and what it would have taken to go on. */
	limitNano?: bigint;
	neededNano?: bigint;
}

export type AnswerOutcome =
	/** Being written right now, or the page went away while it was. */
	| { kind: 'streaming' }
	| { kind: 'done'; finish: Finish }
	/** The page was closed or reloaded; the text so far is all there is. */
	| { kind: 'broken_off' }
	| { kind: 'failed'; failure: StoredFailure };

/** Who wrote how much of an answer. */
export interface AnswerAuthor {
	peer: string;
	tokens: number;
}

export interface AnswerFigures {
	promptTokens: number;
	completionTokens: number;
	firstTokenMs: number | null;
	tokensPerSecond: number | null;
	path: string;
}

export interface AnswerTurn extends TurnPlace {
	kind: 'answer';
	model: string;
	/** Absent in answers of earlier versions, which came from the network. */
	place?: AnswerPlace;
	text: string;
	outcome: AnswerOutcome;
	authors: AnswerAuthor[];
	/** Which files of the model wrote it; `null` before a contributor took the job. */
	digest: string | null;
	figures: AnswerFigures | null;
	/** What was paid for it, however it ended; absent where it was free. */
	paidNano?: bigint;
	/** Texts of answers to the same question that the reader had made anew. */
	earlier: string[];
}

export type Turn = QuestionTurn | AnswerTurn;

/** What proves one contributor's part of an answer. */
export interface PartProof {
	evidence: PartEvidence;
	/** Where the log has its entry; `null` until it has proven that. */
	logged: Logged | null;
	/** Why the receipt that came was not kept; `null` if nothing was wrong. */
	mismatch: string | null;
}

/** The proofs of an answer, apart from its turn, which is read and written far more often. */
export interface TurnProofs {
	/** The turn's id. */
	turn: string;
	chat: string;
	/** In the order of the parts; their texts make up the covered beginning of the answer. */
	parts: PartProof[];
}

/** The proofs with the place of one entry in the log. */
export function withLogged(proofs: TurnProofs, entry: string, logged: Logged): TurnProofs {
	const parts = proofs.parts.map((part) =>
		part.evidence.entry === entry ? { ...part, logged } : part
	);
	return { ...proofs, parts };
}

export interface ChatStore {
	/** False where the browser keeps nothing: chats then last as long as the page. */
	readonly isLasting: boolean;
	/** All chats, the one used last first. */
	list(): Promise<StoredChat[]>;
	chat(id: string): Promise<StoredChat | null>;
	/** The turns of a chat in their order. */
	turns(chat: string): Promise<Turn[]>;
	putChat(chat: StoredChat): Promise<void>;
	putTurn(turn: Turn): Promise<void>;
	/** The proofs of an answer; empty where there are none. */
	proofs(turn: string): Promise<PartProof[]>;
	/** Replaces the proofs of an answer. */
	putProofs(proofs: TurnProofs): Promise<void>;
	/** Adds to the proofs of an answer where the log has this entry of it. */
	putLogged(turn: string, entry: string, logged: Logged): Promise<void>;
	/** Deletes a turn and its proofs. */
	deleteTurn(id: string): Promise<void>;
	/** Deletes a chat, its turns and their proofs. */
	deleteChat(id: string): Promise<void>;
}
