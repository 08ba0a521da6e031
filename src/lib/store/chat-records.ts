/** What this browser keeps of a chat. The words never leave it but for the contributor who answers. */
import type { Finish } from '../protocol/job.ts';

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
	/** Texts of answers to the same question that the reader had made anew. */
	earlier: string[];
}

export type Turn = QuestionTurn | AnswerTurn;

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
	deleteTurn(id: string): Promise<void>;
	/** Deletes a chat and its turns. */
	deleteChat(id: string): Promise<void>;
}
