/** What random weights never say: models that speak a script, token by token, on the real engine. */
import { expect, test } from 'playwright/test';
import type { ModelEntry } from '../../src/lib/models/model-entry.ts';
import type { GenerateRequest } from '../../src/lib/protocol/generation.ts';
import { makeScriptGguf } from '../model/make-script-gguf.ts';
import { makeTinyGguf, tinyCatalogue } from '../model/make-tiny-gguf.ts';
import type { Setup } from './conformance.ts';
import { openEnginePage, type EnginePage } from './engine-page.ts';

const PLAIN_TEMPLATE =
	'{% for m in messages %}{{ m.content }}\n{% endfor %}' +
	'{% if add_generation_prompt %}A:\n{% endif %}';

/** The tool format of Hermes and Qwen models. */
const TOOL_TEMPLATE = `
{%- if tools %}{{- '<tools>' }}{%- for tool in tools %}{{- tool | tojson }}{%- endfor %}{{- '</tools>\n' }}{%- endif %}
{%- for message in messages %}
	{%- if message.role == 'assistant' and message.tool_calls %}
		{{- '<|im_start|>assistant' }}
		{%- for tool_call in message.tool_calls %}
			{{- '\n<tool_call>\n{"name": "' + tool_call.function.name + '", "arguments": ' }}
			{{- tool_call.function.arguments | tojson }}{{- '}\n</tool_call>' }}
		{%- endfor %}
		{{- '<|im_end|>\n' }}
	{%- else %}
		{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
	{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}`;

const CALL = ['<tool_call>\n{"name": "pick", "arguments": {"ripe": ', 'true', '}}\n</tool_call>'];
const utf8 = (text: string) => [...new TextEncoder().encode(text)];

const files: Record<string, Uint8Array> = {
	'/characters.gguf': makeScriptGguf(utf8('aé😀b'), PLAIN_TEMPLATE),
	'/call.gguf': makeScriptGguf(CALL, TOOL_TEMPLATE),
	'/announced-call.gguf': makeScriptGguf(['Let me look. ', ...CALL], TOOL_TEMPLATE),
	'/words.gguf': makeScriptGguf(['No ', 'tool ', 'is needed.'], TOOL_TEMPLATE),
	'/tiny.gguf': makeTinyGguf(1)
};

function setupOf(url: string): Setup {
	const [model] = tinyCatalogue(files[url] ?? new Uint8Array()).models;
	if (model?.engine !== 'wllama') throw new Error('no model');
	const entry: ModelEntry = {
		...model,
		files: model.files.map((file) => ({ ...file, url: `/models${url}` }))
	};
	return {
		model: entry,
		options: { backend: 'wasm', contextTokens: 1024, threads: 1 },
		tokens: 0,
		unsupported: { sampling: {}, field: '' }
	};
}

const request: GenerateRequest = {
	messages: [{ role: 'user', content: 'Is it ripe?' }],
	sampling: { temperature: 0, max_tokens: 40 }
};
const withTools: GenerateRequest = {
	...request,
	sampling: {
		...request.sampling,
		tools: [
			{
				type: 'function',
				function: {
					name: 'pick',
					parameters: { type: 'object', properties: { ripe: { type: 'boolean' } } }
				}
			}
		]
	}
};

let engine: EnginePage;
test.describe.configure({ mode: 'serial' });
test.beforeAll(async ({ browser }) => {
	engine = await openEnginePage(browser, files);
});
test.afterAll(() => engine.close());

async function answer(url: string, request: GenerateRequest, threads = 1) {
	const setup = setupOf(url);
	const answered = await engine.page.evaluate(
		async ([setup, request]) => {
			const loaded = await window.engineHarness.load(setup.model, setup.options);
			return loaded.ok ? window.engineHarness.generate(setup, request) : loaded.failure;
		},
		[{ ...setup, options: { ...setup.options, threads } }, request] as const
	);
	if (!('usage' in answered)) throw new Error(JSON.stringify(answered));
	return answered;
}

test('a character that is split between tokens comes whole, with all of its tokens', async () => {
	const { text, batches, usage, finish } = await answer('/characters.gguf', request);
	expect({ text, finish }).toEqual({ text: 'aé😀b', finish: 'stop' });
	expect(usage.completionTokens).toBe(9);
	expect(batches).toEqual([1, 2, 4, 1, 1]);
});

const calls = [{ type: 'function', function: { name: 'pick', arguments: '{"ripe": true}' } }];

for (const tool_choice of ['auto', 'required'] as const) {
	test(`a tool call is answered as JSON and nothing else (${tool_choice})`, async () => {
		const asked = { ...withTools, sampling: { ...withTools.sampling, tool_choice } };
		const { text, usage, finish } = await answer('/call.gguf', asked);
		expect(JSON.parse(text)).toMatchObject(calls);
		expect({ finish, tokens: usage.completionTokens }).toEqual({ finish: 'tool_calls', tokens: 4 });
	});
}

test('words that announce a tool call are left out of the answer', async () => {
	const { text, usage, finish } = await answer('/announced-call.gguf', withTools);
	expect(JSON.parse(text)).toMatchObject(calls);
	expect({ finish, tokens: usage.completionTokens }).toEqual({ finish: 'tool_calls', tokens: 5 });
});

test('an answer that calls no tool is text', async () => {
	const { text, finish } = await answer('/words.gguf', withTools);
	expect({ text, finish }).toEqual({ text: 'No tool is needed.', finish: 'stop' });
});

test('two threads answer as one does, where the page is cross-origin isolated', async () => {
	const [one, two] = [await answer('/tiny.gguf', request), await answer('/tiny.gguf', request, 2)];
	expect(await engine.page.evaluate(() => crossOriginIsolated)).toBe(true);
	expect(two.text).toBe(one.text);
});
