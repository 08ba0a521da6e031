/**
 * One generation as an engine gives it and a session sends it on: the seam between `worker/` and
 * `p2p/`, which know nothing of each other.
 */
import type { ChatMessage, Finish, Sampling, Usage } from './job.ts';

/** Why an engine could not do something: a closed set, because classes do not cross a worker. */
export type EngineFailureKind =
	| 'no_webgpu'
	| 'device_lost'
	| 'out_of_memory'
	| 'storage_full'
	| 'download_failed'
	| 'hash_mismatch'
	| 'unsupported'
	| 'too_long'
	| 'worker_died'
	| 'cancelled'
	| 'engine_failed';

export interface EngineFailure {
	kind: EngineFailureKind;
	/** One plain sentence in English for the event log; pages translate by `kind`. */
	message: string;
	/** The control that cannot be honoured, as in `sampling.tools`; for `unsupported`. */
	field?: string;
}

/** Thrown inside the worker; crosses its boundary as the plain `failure`. */
export class EngineError extends Error {
	override readonly name = 'EngineError';
	readonly failure: EngineFailure;

	constructor(kind: EngineFailureKind, message: string, field?: string) {
		super(message);
		this.failure = field === undefined ? { kind, message } : { kind, message, field };
	}
}

export interface GenerateRequest {
	messages: readonly ChatMessage[];
	sampling: Sampling;
	/** Unfinished assistant text to continue; what comes back excludes it. */
	prefix?: string;
}

export type GenerateEvent =
	/** Prefill is done: how many prompt tokens there were, and how many were still in the cache. */
	| { kind: 'prompt'; promptTokens: number; cachedPromptTokens: number }
	/** `tokens` completion tokens were made; `text` is what they complete, whole code points. */
	| { kind: 'tokens'; tokens: number; text: string }
	/**
	 * The end. Token counts are the engine's own. With `tool_calls` the text that was streamed is the
	 * JSON array of the calls.
	 */
	| { kind: 'end'; finish: Finish; usage: Usage };

/** What a contributor session needs of an engine. Rejections are `EngineError`. */
export interface Generator {
	generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
}
