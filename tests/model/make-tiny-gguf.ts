/**
 * The model of the tests: LLaMA architecture, byte-level vocabulary, seeded random weights. Real
 * weights and real inference, meaningless text.
 *
 *     node tests/model/make-tiny-gguf.ts OUT_DIR
 *
 * writes OUT_DIR/tiny.gguf and OUT_DIR/catalogue.json, ready to be served as MODELS_DIR.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Catalogue } from '../../src/lib/models/model-entry.ts';
import { gaussian, uniform } from './random.ts';
import { TINY_CONTEXT_TOKENS, writeLlama } from './tiny-llama.ts';

export const TINY_MODEL_ID = 'tiny-random-test';

const CHAT_TEMPLATE =
	'{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}' +
	'{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

/** A GGUF of about 0.5 MB; the same seed gives the same bytes. */
export function makeTinyGguf(seed: number): Uint8Array<ArrayBuffer> {
	const normal = gaussian(uniform(seed));
	return writeLlama({
		name: 'tiny random',
		chatTemplate: CHAT_TEMPLATE,
		moreTokens: [],
		embedding: () => normal() * 0.08,
		layer: () => normal() * 0.08,
		// Only printable ASCII has output weights: any other byte would be broken UTF-8, and a zero row's
		// logit of 0 never beats the best of 95 random ones, so that an answer does not end by itself.
		output: (token) => (token >= 32 && token < 127 ? normal() * 0.5 : 0)
	});
}

/** The catalogue of a folder that holds `file` as tiny.gguf. */
export function tinyCatalogue(file: Uint8Array): Catalogue {
	return {
		v: 1,
		models: [
			{
				id: TINY_MODEL_ID,
				name: 'Tiny random (test)',
				engine: 'wllama',
				parameters: 126_000,
				sizeBytes: file.length,
				memoryBytes: 64 * 1024 * 1024,
				contextTokens: TINY_CONTEXT_TOKENS,
				licence: { name: 'MIT', url: 'https://opensource.org/license/mit' },
				source: 'tests/model/make-tiny-gguf.ts',
				bytesPerToken: 1,
				files: [
					{
						path: 'tiny.gguf',
						url: '/models/tiny.gguf',
						sizeBytes: file.length,
						sha256: createHash('sha256').update(file).digest('hex')
					}
				]
			}
		]
	};
}

/** Writes the model and its catalogue into `directory`, making it if need be. */
export function writeTinyModel(directory: string, seed = 1): Catalogue {
	const file = makeTinyGguf(seed);
	const catalogue = tinyCatalogue(file);
	mkdirSync(directory, { recursive: true });
	writeFileSync(join(directory, 'tiny.gguf'), file);
	writeFileSync(join(directory, 'catalogue.json'), `${JSON.stringify(catalogue, null, '\t')}\n`);
	return catalogue;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const directory = process.argv[2];
	if (directory === undefined) {
		console.error('usage: node tests/model/make-tiny-gguf.ts OUT_DIR');
		process.exitCode = 2;
	} else {
		const [model] = writeTinyModel(directory).models;
		console.log(`${directory}: ${model?.id}, ${model?.sizeBytes} bytes`);
	}
}
