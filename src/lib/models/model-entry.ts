import * as v from 'valibot';
import { modelId } from '../protocol/job.ts';

export type EngineName = 'webllm' | 'wllama';

const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sha256Hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'));
/** Same-origin path, or https: a catalogue must not make a page load from anywhere else. */
const fileUrl = v.pipe(
	v.string(),
	v.regex(/^(\/(?!\/)|https:\/\/)[^\s\\]*$/, 'must be / or https:')
);

const modelFile = v.object({
	/** Name inside the model, as it goes into the digest. */
	path: v.pipe(v.string(), v.regex(/^[\w.@-]+(\/[\w.@-]+)*$/)),
	url: fileUrl,
	/** 0 where the source does not say. */
	sizeBytes: bytes,
	/** Computed by us or read at `source`; otherwise null, shown as "not pinned". */
	sha256: v.nullable(sha256Hex)
});

const common = {
	id: modelId,
	/** What people read: "Llama 3.2 1B". */
	name: v.string(),
	parameters: v.number(),
	/** What is downloaded. */
	sizeBytes: bytes,
	/** `sizeBytes` was computed from parameters and bits a weight, because no source gives it. */
	sizeIsEstimate: v.optional(v.boolean()),
	/** Memory the engine needs for weights, cache and buffers at `contextTokens`. */
	memoryBytes: bytes,
	contextTokens: v.pipe(v.number(), v.integer(), v.minValue(1)),
	/** Comes with the pages, small enough to be tried on any device. */
	isBuiltIn: v.optional(v.boolean()),
	licence: v.object({ name: v.string(), url: v.string() }),
	/** Where the files, sizes and hashes were read. */
	source: v.string(),
	/** Typical UTF-8 bytes a completion token; half of it over 64 tokens makes a requester warn. */
	bytesPerToken: v.number()
};

export const modelEntrySchema = v.variant('engine', [
	v.object({
		...common,
		engine: v.literal('wllama'),
		/** GGUF files in order of their shards. */
		files: v.pipe(v.array(modelFile), v.minLength(1))
	}),
	v.object({
		...common,
		engine: v.literal('webllm'),
		/** web-llm's own id in `prebuiltAppConfig`. */
		webllmId: v.string(),
		/** Base URL of weights, tokenizer and config (a Hugging Face style repository). */
		weightsUrl: fileUrl,
		/** The compiled model library. */
		library: modelFile,
		needsF16: v.boolean(),
		/** The largest buffer that the GPU must bind at once; unknown where absent. */
		bufferBytes: v.optional(bytes)
	})
]);

export const catalogueSchema = v.object({
	v: v.literal(1),
	models: v.array(modelEntrySchema)
});

export type ModelEntry = v.InferOutput<typeof modelEntrySchema>;
export type ModelFile = v.InferOutput<typeof modelFile>;
export type Catalogue = v.InferOutput<typeof catalogueSchema>;
