/** The model that comes with the pages; `docs/built-in-model.md` says how it is made. */
import figures from './guide-model.json' with { type: 'json' };
import type { ModelEntry } from './model-entry.ts';

const { parameters, sizeBytes, sha256, contextTokens } = figures;

/** llama.cpp's compute buffers and wllama itself, measured for a model of this size. */
const WORKING_BYTES = 64 * 1024 * 1024;

export const guideModel: Extract<ModelEntry, { engine: 'wllama' }> = {
	engine: 'wllama',
	id: 'mulberry-guide',
	name: 'Built-in guide',
	isBuiltIn: true,
	parameters,
	sizeBytes,
	memoryBytes: sizeBytes + WORKING_BYTES,
	contextTokens,
	licence: { name: 'MIT', url: 'https://opensource.org/license/mit' },
	source: 'tools/built-in-model',
	bytesPerToken: 3.5,
	files: [{ path: 'mulberry-guide.gguf', url: '/models/mulberry-guide.gguf', sizeBytes, sha256 }]
};
