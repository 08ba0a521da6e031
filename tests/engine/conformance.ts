/**
 * What every engine must do, run in a real browser through the product's own worker and client.
 * `wllama.e2e.ts` runs all of it in CI, `npm run test:webllm` what a slow GPU has time for.
 */
import { EngineError } from '../../src/lib/protocol/generation.ts';
import type { EngineFailure, GenerateRequest } from '../../src/lib/protocol/generation.ts';
import type { Finish, Sampling, Usage } from '../../src/lib/protocol/job.ts';
import type { ModelEntry } from '../../src/lib/models/model-entry.ts';
import type { LoadedModel, LoadOptions, LoadProgress } from '../../src/lib/worker/engine.ts';
import type { InferenceClient, LoadResult } from '../../src/lib/worker/inference-client.ts';
import { WINDOW_EVENTS } from '../../src/lib/worker/stream-port.ts';

export interface Setup {
	model: ModelEntry;
	options: LoadOptions;
	/** Tokens of the longer answers; a slow engine takes few. */
	tokens: number;
	/** A control that this engine or model cannot honour, and the field that must be named. */
	unsupported: { sampling: Partial<Sampling>; field: string };
}

export interface Context extends Setup {
	client: InferenceClient;
}

export interface Answer {
	text: string;
	/** Tokens of each batch, in order. */
	batches: number[];
	promptTokens: number;
	cachedPromptTokens: number;
	finish: Finish;
	usage: Usage;
}

/** A case says what it saw, so that a slow run by hand shows more than "passed". */
type Case = (context: Context) => Promise<string>;

export function assert(condition: boolean, message: string): asserts condition {
	if (!condition) throw new Error(message);
}

function assertEqual(actual: unknown, expected: unknown, what: string): void {
	const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
	assert(a === b, `${what}: expected ${b}, got ${a}`);
}

export async function load(
	{ client, model, options }: Context,
	onProgress: (progress: LoadProgress) => void = () => {}
): Promise<LoadedModel> {
	const result = await client.load(model, options, onProgress, new AbortController().signal);
	assert(result.ok, `load failed: ${JSON.stringify(result)}`);
	return result.model;
}

/** Collects an answer and checks the order of its events and its sums. */
export async function generate(
	{ client }: Context,
	request: GenerateRequest,
	signal = new AbortController().signal,
	onTokens: (tokens: number) => void | Promise<void> = () => {}
): Promise<Answer> {
	const kinds: string[] = [];
	const answer: Partial<Answer> & { text: string; batches: number[] } = { text: '', batches: [] };
	for await (const event of client.generate(request, signal)) {
		kinds.push(event.kind);
		if (event.kind !== 'tokens') {
			if (event.kind === 'prompt') {
				answer.promptTokens = event.promptTokens;
				answer.cachedPromptTokens = event.cachedPromptTokens;
			} else {
				answer.finish = event.finish;
				answer.usage = event.usage;
			}
			continue;
		}
		assert(event.text.isWellFormed(), 'a batch must hold whole code points');
		answer.text += event.text;
		answer.batches.push(event.tokens);
		await onTokens(sum(answer.batches));
	}
	const { usage, finish, promptTokens = 0, cachedPromptTokens = 0 } = answer;
	assert(usage !== undefined && finish !== undefined, 'there must be an end');
	assert(
		/^(prompt )?(tokens )*end $/.test(`${kinds.join(' ')} `),
		`wrong order: ${kinds.join(' ')}`
	);
	assertEqual(sum(answer.batches), usage.completionTokens, 'sum of the batches');
	if (finish !== 'cancelled') assertEqual(promptTokens, usage.promptTokens, 'prompt tokens');
	return { ...answer, usage, finish, promptTokens, cachedPromptTokens };
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

const ask = (content: string, sampling: Partial<Sampling>): GenerateRequest => ({
	messages: [{ role: 'user', content }],
	sampling: { temperature: 0, max_tokens: 16, ...sampling }
});

const QUESTION = 'What grows on a mulberry tree?';

async function failureOf(context: Context, request: GenerateRequest): Promise<EngineFailure> {
	try {
		const answer = await generate(context, request);
		throw new Error(`expected a failure, got ${JSON.stringify(answer)}`);
	} catch (error) {
		if (error instanceof EngineError) return error.failure;
		throw error;
	}
}

export const conformance: Readonly<Record<string, Case>> = {
	'a load that is cancelled ends as cancelled and leaves the client usable': async (context) => {
		const { client, model, options } = context;
		const controller = new AbortController();
		const loading: Promise<LoadResult> = client.load(
			model,
			options,
			() => controller.abort(),
			controller.signal
		);
		const result = await loading;
		assert(!result.ok && result.failure.kind === 'cancelled', `got ${JSON.stringify(result)}`);
		return 'cancelled at the first progress';
	},

	'loading reports its phases in order and measures the speed': async (context) => {
		const phases: string[] = [];
		let bytes = { loadedBytes: 0, totalBytes: -1 };
		const model = await load(context, (progress) => {
			if (phases.at(-1) !== progress.phase) phases.push(progress.phase);
			if ('loadedBytes' in progress) bytes = progress;
		});
		const order = ['download', 'verify', 'initialise', 'warm-up', 'benchmark'];
		const sorted = [...new Set(phases)].sort((a, b) => order.indexOf(a) - order.indexOf(b));
		assertEqual([...new Set(phases)], sorted, 'phases');
		assertEqual(phases.slice(-3), order.slice(-3), 'last phases');
		if (bytes.totalBytes > 0) assertEqual(bytes.loadedBytes, bytes.totalBytes, 'bytes loaded');
		assert(model.tokensPerSecond > 0 && model.prefillTokensPerSecond > 0, 'no speed measured');
		assert(/^[\w-]{43}$/.test(model.digest), `no digest: ${model.digest}`);
		assertEqual(model.model, context.model.id, 'model');
		assert(model.contextTokens <= context.options.contextTokens, 'context larger than asked');
		return JSON.stringify(model);
	},

	'an answer cut at max_tokens has exactly that many tokens': async (context) => {
		const answer = await generate(context, ask(QUESTION, { max_tokens: context.tokens }));
		assertEqual(answer.usage.completionTokens, context.tokens, 'tokens');
		assertEqual(answer.finish, 'length', 'finish');
		assert(answer.promptTokens > 0, 'no prompt tokens');
		return JSON.stringify(answer);
	},

	'greedy answers are the same each time': async (context) => {
		const request = ask(QUESTION, { max_tokens: context.tokens });
		const [first, second] = [await generate(context, request), await generate(context, request)];
		assertEqual(second.text, first.text, 'text');
		return JSON.stringify(first.text);
	},

	'the same seed gives the same answer and another seed another': async (context) => {
		const drawn = (seed: number) =>
			generate(context, ask(QUESTION, { max_tokens: context.tokens, temperature: 1, seed }));
		const [first, again, other] = [await drawn(7), await drawn(7), await drawn(8)];
		assertEqual(again.text, first.text, 'text of the same seed');
		assert(other.text !== first.text, 'another seed gave the same text');
		return JSON.stringify([first.text, other.text]);
	},

	'a stop string ends the answer before itself': async (context) => {
		const { text } = await generate(context, ask(QUESTION, { max_tokens: context.tokens }));
		const middle = Math.floor(text.length / 2);
		const stop = text.slice(middle, middle + 2);
		const answer = await generate(
			context,
			ask(QUESTION, { max_tokens: context.tokens, stop: [stop] })
		);
		assertEqual(answer.text, text.slice(0, text.indexOf(stop)), 'text');
		assertEqual(answer.finish, 'stop', 'finish');
		return JSON.stringify({ stop, text: answer.text });
	},

	'a prefix is continued as if the answer had never been interrupted': async (context) => {
		const whole = await generate(context, ask(QUESTION, { max_tokens: context.tokens }));
		const half = Math.floor(whole.text.length / 2);
		const prefix = whole.text.slice(0, half);
		const rest = await generate(context, {
			...ask(QUESTION, { max_tokens: context.tokens }),
			prefix
		});
		const expected = whole.text.slice(half);
		assert(rest.text.startsWith(expected), `expected ${expected}, got ${rest.text}`);
		assert(rest.promptTokens > whole.promptTokens, 'the prefix must count as prompt');
		return JSON.stringify({ prefix, rest: rest.text });
	},

	'a stop string that begins in the prefix is found': async (context) => {
		const { text } = await generate(context, ask(QUESTION, { max_tokens: context.tokens }));
		const half = Math.floor(text.length / 2);
		const stop = text.slice(half - 1, half + 1);
		const answer = await generate(context, {
			...ask(QUESTION, { max_tokens: context.tokens, stop: [stop] }),
			prefix: text.slice(0, half)
		});
		assertEqual([answer.text, answer.finish], ['', 'stop'], 'answer');
		return JSON.stringify({ stop });
	},

	'an abort ends the answer as cancelled, and nothing is computed ahead of a slow consumer': async (
		context
	) => {
		const controller = new AbortController();
		const taken = 3;
		const answer = await generate(
			context,
			ask(QUESTION, { max_tokens: 400 }),
			controller.signal,
			async (tokens) => {
				if (tokens !== taken) return;
				await new Promise((resolve) => setTimeout(resolve, 500));
				controller.abort();
			}
		);
		assertEqual(answer.finish, 'cancelled', 'finish');
		const most = taken + WINDOW_EVENTS;
		assert(answer.usage.completionTokens <= most, `computed ${answer.usage.completionTokens}`);
		return `${answer.usage.completionTokens} tokens`;
	},

	'leaving the loop early frees the engine for the next answer': async (context) => {
		const request = ask(QUESTION, { max_tokens: 400 });
		for await (const event of context.client.generate(request, new AbortController().signal)) {
			if (event.kind === 'tokens') break;
		}
		const answer = await generate(context, ask(QUESTION, { max_tokens: 2 }));
		return JSON.stringify(answer.text);
	},

	'a prompt longer than the context is refused as too long': async (context) => {
		const words = 'mulberry '.repeat(context.options.contextTokens);
		const failure = await failureOf(context, ask(words, {}));
		assertEqual(failure.kind, 'too_long', 'kind');
		return failure.message;
	},

	'a control that cannot be honoured is refused by name': async (context) => {
		const { sampling, field } = context.unsupported;
		const failure = await failureOf(context, ask(QUESTION, sampling));
		assertEqual([failure.kind, failure.field], ['unsupported', field], 'failure');
		const formatted = await failureOf(context, {
			...ask(QUESTION, { response_format: { type: 'json_object' } }),
			prefix: '{'
		});
		assertEqual(formatted.field, 'sampling.response_format', 'field');
		return failure.message;
	},

	'an answer under a JSON schema obeys it': async (context) => {
		const schema = {
			type: 'object',
			properties: { ripe: { type: 'boolean' } },
			required: ['ripe'],
			additionalProperties: false
		};
		const answer = await generate(
			context,
			ask(QUESTION, {
				max_tokens: 200,
				response_format: { type: 'json_schema', json_schema: { name: 'fruit', schema } }
			})
		);
		const value: unknown = JSON.parse(answer.text);
		assert(typeof value === 'object' && value !== null, 'no object');
		assertEqual(Object.keys(value), ['ripe'], 'keys');
		return answer.text;
	},

	'an unloaded model generates nothing, and the same model loads again': async (context) => {
		const request = ask(QUESTION, { max_tokens: context.tokens });
		const before = await generate(context, request);
		await context.client.unload();
		assertEqual((await failureOf(context, request)).kind, 'engine_failed', 'kind');
		await load(context);
		const after = await generate(context, request);
		assertEqual(after.text, before.text, 'text');
		return JSON.stringify(after.text);
	}
};
