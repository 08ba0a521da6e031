/** What an answer tells the chat while it is being made, wherever that is. */
import type { AnswerEvent, Question } from '../../p2p/answer-events.ts';
import type { EngineFailure } from '../../protocol/generation.ts';
import type { LoadProgress } from '../../worker/engine.ts';

export type ChatEvent =
	| AnswerEvent
	/** The model is being loaded on this device. */
	| { kind: 'loading'; progress: LoadProgress | null }
	/** The engine on this device could not answer; the end, like `failed`. */
	| { kind: 'engine_failed'; failure: EngineFailure };

/** Who answers: the network's `Requester`, this device, or a scripted far side in tests. */
export interface Asker {
	ask(question: Question, signal: AbortSignal): AsyncIterable<ChatEvent>;
}
