/** Warm-up and the short benchmark after loading: through `Engine.generate`, so the same for all. */
import type { GenerateRequest } from '../protocol/generation.ts';
import type { Engine } from './engine.ts';

const BENCHMARK_TOKENS = 48;
/** A slow device shows its speed in fewer tokens; two are needed to measure one gap. */
const BENCHMARK_LIMIT_MS = 4_000;
const MINIMUM_TOKENS = 2;

/** Not repeated anywhere, so that no cache shortens the prefill; about sixty tokens. */
const BENCHMARK_PROMPT =
	'Mulberry trees live for centuries. Their leaves feed silkworms, their wood bends without ' +
	'breaking, and birds carry their seeds far away. Write a long story about an old one that stands ' +
	'on a hill above the sea, and about everybody who ever slept in its shade.';

export interface Speed {
	tokensPerSecond: number;
	prefillTokensPerSecond: number;
}

/**
 * Generates a token, so that shaders are compiled and memory is touched before anybody waits for it.
 *
 * @throws EngineError
 */
export async function warmUp(engine: Engine, signal: AbortSignal): Promise<void> {
	const request = greedy('Hello', 2);
	for await (const event of engine.generate(request, signal)) void event;
	signal.throwIfAborted();
}

/**
 * Measures both speeds with one short greedy answer.
 *
 * @param contextTokens the model's context; the prompt takes a quarter of it at most
 * @param now milliseconds, monotonic
 * @throws EngineError
 */
export async function measureSpeed(
	engine: Engine,
	contextTokens: number,
	signal: AbortSignal,
	now: () => number = () => performance.now()
): Promise<Speed> {
	const enough = new AbortController();
	const startMs = now();
	let prefill = { atMs: startMs, tokens: 0 };
	let first: { atMs: number; tokens: number } | null = null;
	let last = { atMs: startMs, tokens: 0 };
	// No token stands for less than a byte.
	const prompt = BENCHMARK_PROMPT.slice(0, contextTokens / 4);
	const request = greedy(prompt, BENCHMARK_TOKENS);
	for await (const event of engine.generate(request, AbortSignal.any([signal, enough.signal]))) {
		const atMs = now();
		if (event.kind === 'prompt') {
			prefill = { atMs, tokens: event.promptTokens - event.cachedPromptTokens };
		} else if (event.kind === 'tokens') {
			last = { atMs, tokens: last.tokens + event.tokens };
			first ??= last;
			const isLate = atMs - startMs > BENCHMARK_LIMIT_MS && last.tokens >= MINIMUM_TOKENS;
			if (isLate) enough.abort();
		}
	}
	signal.throwIfAborted();
	// With a single batch the prefill is part of the time, which makes the figure too low, never too high.
	const from = first === null || first === last ? { atMs: startMs, tokens: 0 } : first;
	return {
		tokensPerSecond: perSecond(last.tokens - from.tokens, last.atMs - from.atMs),
		prefillTokensPerSecond: perSecond(prefill.tokens, prefill.atMs - startMs)
	};
}

function greedy(content: string, max_tokens: number): GenerateRequest {
	return { messages: [{ role: 'user', content }], sampling: { temperature: 0, max_tokens } };
}

function perSecond(tokens: number, ms: number): number {
	return ms > 0 ? (tokens / ms) * 1000 : 0;
}
