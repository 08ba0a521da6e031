/** Which of web-llm's prebuilt models the catalogue offers, and what the package does not say. */

export interface WebllmChoice {
	/** Stem of `model_id` in `prebuiltAppConfig`; the quantisations follow it. */
	stem: string;
	/** `f16` computes in 16-bit floats and needs `shader-f16`; `f32` runs where that is missing. */
	quantisations: readonly ('q4f16_1' | 'q4f32_1')[];
	name: string;
	/** As its publisher states it. */
	parameters: number;
	licence: { name: string; url: string };
	/** An estimate from the size of the vocabulary. */
	bytesPerToken: number;
}

const apache = { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' };
const gemmaTerms = { name: 'Gemma Terms of Use', url: 'https://ai.google.dev/gemma/terms' };
const llama32 = {
	name: 'Llama 3.2 Community License',
	url: 'https://github.com/meta-llama/llama-models/blob/main/models/llama3_2/LICENSE'
};
const llama3 = {
	name: 'Meta Llama 3 Community License',
	url: 'https://github.com/meta-llama/llama-models/blob/main/models/llama3/LICENSE'
};
const phiMit = {
	name: 'MIT',
	url: 'https://huggingface.co/microsoft/Phi-4-mini-instruct/blob/main/LICENSE'
};

const f16 = ['q4f16_1'] as const;
const both = ['q4f16_1', 'q4f32_1'] as const;

export const webllmChoices: readonly WebllmChoice[] = [
	choice('SmolLM2-360M-Instruct', both, 'SmolLM2 360M', 0.36e9, apache, 4),
	choice('Qwen3-0.6B', both, 'Qwen3 0.6B', 0.6e9, apache, 4.2),
	choice('gemma3-1b-it', f16, 'Gemma 3 1B', 1e9, gemmaTerms, 4.3),
	choice('Llama-3.2-1B-Instruct', both, 'Llama 3.2 1B', 1.23e9, llama32, 4.3),
	choice('Qwen3-1.7B', both, 'Qwen3 1.7B', 1.7e9, apache, 4.2),
	choice('Llama-3.2-3B-Instruct', both, 'Llama 3.2 3B', 3.21e9, llama32, 4.3),
	choice('Ministral-3-3B-Instruct-2512-BF16', f16, 'Ministral 3 3B', 3.4e9, apache, 4.2),
	choice('Phi-4-mini-instruct', f16, 'Phi-4 mini', 3.8e9, phiMit, 4.3),
	choice('Qwen3-4B', f16, 'Qwen3 4B', 4e9, apache, 4.2),
	choice('Hermes-3-Llama-3.1-8B', f16, 'Hermes 3 8B', 8.03e9, llama3, 4.3),
	choice('Qwen3-8B', f16, 'Qwen3 8B', 8.2e9, apache, 4.2),
	choice('Qwen3.5-9B', f16, 'Qwen3.5 9B', 9e9, apache, 4.3)
];

function choice(
	stem: string,
	quantisations: WebllmChoice['quantisations'],
	name: string,
	parameters: number,
	licence: WebllmChoice['licence'],
	bytesPerToken: number
): WebllmChoice {
	return { stem, quantisations, name, parameters, licence, bytesPerToken };
}
