/** A LLaMA of two small layers with a byte-level vocabulary, whatever its weights. */
import { writeGguf, type MetaValue, type Tensor } from './gguf-writer.ts';

const WIDTH = 64;
const LAYERS = 2;
const HEADS = 4;
const FEED_FORWARD = 176;
export const TINY_CONTEXT_TOKENS = 1024;

/** Tokens 0 to 255 are the bytes; these follow them. */
const CONTROL_TOKENS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
const END_OF_TEXT = 256;
export const TURN_END = 258;
/** The number of the first of `moreTokens`. */
export const FIRST_MORE_TOKEN = 256 + CONTROL_TOKENS.length;

export interface LlamaWeights {
	name: string;
	chatTemplate: string;
	/** Texts of tokens beyond the bytes; no prompt is ever split into them. */
	moreTokens: readonly string[];
	embedding: (token: number, dimension: number) => number;
	/** The embedding goes through unchanged where `attn_output` and `ffn_down` are zero. */
	layer: (name: string) => number;
	output: (token: number, dimension: number) => number;
}

/** GPT-2's map from bytes to printable characters, which its vocabularies are written in. */
function byteCharacters(): string[] {
	const printable = (byte: number) =>
		(byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
	let next = 256;
	return Array.from({ length: 256 }, (_, byte) =>
		String.fromCharCode(printable(byte) ? byte : next++)
	);
}

function tensors(weights: LlamaWeights, vocabulary: number): Tensor[] {
	const matrix = (name: string, rows: number, columns: number): Tensor => ({
		name: `${name}.weight`,
		shape: [columns, rows],
		data: Float32Array.from({ length: rows * columns }, () => weights.layer(name))
	});
	const table = (name: 'token_embd' | 'output', weight: LlamaWeights['output']): Tensor => ({
		name: `${name}.weight`,
		shape: [WIDTH, vocabulary],
		data: Float32Array.from({ length: vocabulary * WIDTH }, (_, i) =>
			weight(Math.floor(i / WIDTH), i % WIDTH)
		)
	});
	const norm = (name: string): Tensor => ({
		name: `${name}.weight`,
		shape: [WIDTH],
		data: new Float32Array(WIDTH).fill(1)
	});
	const layers = Array.from({ length: LAYERS }, (_, i) => [
		norm(`blk.${i}.attn_norm`),
		matrix(`blk.${i}.attn_q`, WIDTH, WIDTH),
		matrix(`blk.${i}.attn_k`, WIDTH, WIDTH),
		matrix(`blk.${i}.attn_v`, WIDTH, WIDTH),
		matrix(`blk.${i}.attn_output`, WIDTH, WIDTH),
		norm(`blk.${i}.ffn_norm`),
		matrix(`blk.${i}.ffn_gate`, FEED_FORWARD, WIDTH),
		matrix(`blk.${i}.ffn_up`, FEED_FORWARD, WIDTH),
		matrix(`blk.${i}.ffn_down`, WIDTH, FEED_FORWARD)
	]);
	return [
		table('token_embd', weights.embedding),
		norm('output_norm'),
		table('output', weights.output),
		...layers.flat()
	];
}

/** The model as a GGUF file. */
export function writeLlama(weights: LlamaWeights): Uint8Array<ArrayBuffer> {
	const bytes = byteCharacters();
	const inBytes = (text: string) =>
		Array.from(new TextEncoder().encode(text), (byte) => bytes[byte]).join('');
	const tokens = [...bytes, ...CONTROL_TOKENS, ...weights.moreTokens.map(inBytes)];
	const u32 = (value: number): MetaValue => ({ type: 'u32', value });
	const string = (value: string): MetaValue => ({ type: 'string', value });
	const isControl = (token: number) => token >= END_OF_TEXT && token < FIRST_MORE_TOKEN;
	return writeGguf(
		[
			['general.architecture', string('llama')],
			['general.name', string(weights.name)],
			['general.file_type', u32(0)],
			['llama.block_count', u32(LAYERS)],
			['llama.context_length', u32(TINY_CONTEXT_TOKENS)],
			['llama.embedding_length', u32(WIDTH)],
			['llama.feed_forward_length', u32(FEED_FORWARD)],
			['llama.attention.head_count', u32(HEADS)],
			['llama.attention.head_count_kv', u32(HEADS)],
			['llama.attention.layer_norm_rms_epsilon', { type: 'f32', value: 1e-5 }],
			['llama.rope.freq_base', { type: 'f32', value: 10_000 }],
			['llama.rope.dimension_count', u32(WIDTH / HEADS)],
			['llama.vocab_size', u32(tokens.length)],
			['tokenizer.ggml.model', string('gpt2')],
			['tokenizer.ggml.pre', string('gpt-2')],
			['tokenizer.ggml.tokens', { type: 'strings', value: tokens }],
			// 1 is a normal token, 3 a control token.
			[
				'tokenizer.ggml.token_type',
				{ type: 'i32s', value: tokens.map((_, i) => (isControl(i) ? 3 : 1)) }
			],
			// llama.cpp insists on merges; this one names no token and never applies.
			['tokenizer.ggml.merges', { type: 'strings', value: ['a b'] }],
			['tokenizer.ggml.bos_token_id', u32(END_OF_TEXT)],
			['tokenizer.ggml.eos_token_id', u32(TURN_END)],
			['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
			['tokenizer.chat_template', string(weights.chatTemplate)]
		],
		tensors(weights, tokens.length)
	);
}
