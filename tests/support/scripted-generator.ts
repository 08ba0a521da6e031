import {
	EngineError,
	type EngineFailureKind,
	type GenerateEvent,
	type GenerateRequest,
	type Generator
} from '../../src/lib/protocol/generation.ts';
import type { Finish } from '../../src/lib/protocol/job.ts';

export interface Script {
	/** Tokens until the end, over prefix and answer; token i is the text `wordAt(i)`. */
	length: number;
	/** Tokens of each batch. */
	batch?: number;
	delayMs?: number;
	failAt?: { token: number; kind: EngineFailureKind; field?: string };
	/** Stops making tokens at this one, without a word. */
	hangAt?: number;
	/** Other texts than the counting words. */
	words?: string[];
}

export const wordAt = (index: number): string => `w${index} `;
export const words = (from: number, to: number): string =>
	Array.from({ length: to - from }, (_, i) => wordAt(from + i)).join('');

/** An engine that counts: every answer is known beforehand, and a prefix is continued exactly. */
export class ScriptedGenerator implements Generator {
	script: Script;
	readonly requests: GenerateRequest[] = [];
	/** Tokens made so far by the running generation. */
	made = 0;

	constructor(script: Script) {
		this.script = script;
	}

	async *generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent> {
		const { length, batch = 1, delayMs = 0, failAt, hangAt } = this.script;
		this.requests.push(request);
		const start = request.prefix ? request.prefix.split(' ').length - 1 : 0;
		const end = Math.min(length, start + request.sampling.max_tokens);
		const usage = () => ({ promptTokens: 3, completionTokens: this.made });
		this.made = 0;
		this.#failIf(failAt?.token === -1);
		yield { kind: 'prompt', promptTokens: 3, cachedPromptTokens: 0 };
		for (let at = start; at < end; at += batch) {
			if (hangAt !== undefined && at >= hangAt) await untilAborted(signal);
			if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
			if (signal.aborted) return yield { kind: 'end', finish: 'cancelled', usage: usage() };
			this.#failIf(failAt !== undefined && failAt.token >= 0 && at >= failAt.token);
			const tokens = Math.min(batch, end - at);
			this.made += tokens;
			const text = this.script.words?.slice(at, at + tokens).join('') ?? words(at, at + tokens);
			yield { kind: 'tokens', tokens, text };
		}
		const finish: Finish = end === length ? 'stop' : 'length';
		yield { kind: 'end', finish, usage: usage() };
	}

	#failIf(condition: boolean): void {
		const { failAt } = this.script;
		if (condition && failAt) throw new EngineError(failAt.kind, 'scripted', failAt.field);
	}
}

function untilAborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}
