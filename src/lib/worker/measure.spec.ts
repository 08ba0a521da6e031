import { expect, it } from 'vitest';
import type { GenerateEvent, GenerateRequest } from '../protocol/generation.ts';
import type { Engine } from './engine.ts';
import { measureSpeed } from './measure.ts';

/** An engine whose clock is the test's: `prefillMs` for the prompt, `tokenMs` for each token. */
function scripted(prefillMs: number, tokenMs: number) {
	const clock = { nowMs: 0, prompt: '', tokens: 0 };
	const engine: Engine = {
		name: 'wllama',
		version: '0',
		load: () => Promise.reject(new Error('not used')),
		unload: () => Promise.resolve(),
		async *generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent> {
			clock.prompt = request.messages[0]?.content ?? '';
			clock.nowMs += prefillMs;
			yield { kind: 'prompt', promptTokens: 110, cachedPromptTokens: 10 };
			for (; clock.tokens < request.sampling.max_tokens && !signal.aborted; clock.tokens++) {
				clock.nowMs += tokenMs;
				yield { kind: 'tokens', tokens: 1, text: 'a' };
			}
			const usage = { promptTokens: 110, completionTokens: clock.tokens };
			yield { kind: 'end', finish: 'length', usage };
		}
	};
	return { clock, engine, now: () => clock.nowMs };
}

const { signal } = new AbortController();

it('measures both speeds, without counting cached tokens', async () => {
	const { engine, now } = scripted(500, 20);
	expect(await measureSpeed(engine, 4096, signal, now)).toEqual({
		tokensPerSecond: 50,
		prefillTokensPerSecond: 200
	});
});

it('is content with two tokens of a very slow engine', async () => {
	const { engine, now, clock } = scripted(60_000, 40_000);
	const speed = await measureSpeed(engine, 4096, signal, now);
	expect(speed.tokensPerSecond).toBeCloseTo(1 / 40);
	expect(clock.tokens).toBeLessThanOrEqual(3);
});

it('asks little enough for a small context, whatever the tokenizer', async () => {
	const { engine, now, clock } = scripted(1, 1);
	await measureSpeed(engine, 256, signal, now);
	expect(clock.prompt).toHaveLength(64);
});
