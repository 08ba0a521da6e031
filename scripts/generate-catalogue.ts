/**
 * Writes `src/lib/models/webllm-models.json` from `prebuiltAppConfig` of the installed web-llm and
 * the choices beside this file. Run it after an upgrade of the package; a test compares the two.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { prebuiltAppConfig, type ModelRecord } from '@mlc-ai/web-llm';
import type { ModelEntry } from '../src/lib/models/model-entry.ts';
import { webllmChoices, type WebllmChoice } from './webllm-choices.ts';

type WebllmEntry = Extract<ModelEntry, { engine: 'webllm' }>;
type Quantisation = WebllmChoice['quantisations'][number];

export const webllmModelsFile = new URL('../src/lib/models/webllm-models.json', import.meta.url);

const MIB = 1024 * 1024;
/** Four bits a weight, and a scale of 16 or 32 bits for every 32 weights. */
const BITS_PER_WEIGHT = { q4f16_1: 4.5, q4f32_1: 5 };
/**
 * web-llm asks a GPU for bindings of 1 GiB and else contents itself with the 128 MiB that every
 * WebGPU has; what it marks `low_resource_required` runs with those (`detectGPUDevice`, `config.ts`).
 */
const SMALL_BUFFER_BYTES = 128 * MIB;
const LARGE_BUFFER_BYTES = 1024 * MIB;

/** The entries for `webllmChoices`, from the smallest download to the largest. */
export async function webllmEntries(): Promise<WebllmEntry[]> {
	const { version } = JSON.parse(
		await readFile(new URL(import.meta.resolve('@mlc-ai/web-llm/package.json')), 'utf8')
	) as { version: string };
	return webllmChoices
		.flatMap((choice) =>
			choice.quantisations.map((quantisation) => entryOf(choice, quantisation, version))
		)
		.sort((a, b) => a.sizeBytes - b.sizeBytes);
}

function entryOf(choice: WebllmChoice, quantisation: Quantisation, version: string): WebllmEntry {
	const record = recordOf(`${choice.stem}-${quantisation}-MLC`);
	const short = quantisation.slice(0, 5);
	return {
		engine: 'webllm',
		id: `${choice.name.toLowerCase().replaceAll(' ', '-')}-${short}`,
		name: `${choice.name} (${short})`,
		parameters: choice.parameters,
		sizeBytes: Math.round((choice.parameters * BITS_PER_WEIGHT[quantisation]) / 8),
		sizeIsEstimate: true,
		memoryBytes: Math.ceil(known(record, 'vram_required_MB') * MIB),
		contextTokens: contextOf(record),
		licence: choice.licence,
		source: `prebuiltAppConfig of @mlc-ai/web-llm ${version}`,
		bytesPerToken: choice.bytesPerToken,
		webllmId: record.model_id,
		weightsUrl: record.model,
		library: {
			path: fileName(record.model_lib),
			url: record.model_lib,
			sizeBytes: 0,
			sha256: null
		},
		// Some records with 16-bit kernels do not list the feature that these need.
		needsF16:
			record.required_features?.includes('shader-f16') === true || quantisation === 'q4f16_1',
		bufferBytes:
			record.buffer_size_required_bytes ??
			(record.low_resource_required === true ? SMALL_BUFFER_BYTES : LARGE_BUFFER_BYTES)
	};
}

function recordOf(id: string): ModelRecord {
	const record = prebuiltAppConfig.model_list.find(({ model_id }) => model_id === id);
	if (record === undefined) throw new Error(`web-llm has no prebuilt model ${id}`);
	return record;
}

function contextOf(record: ModelRecord): number {
	const tokens = record.overrides?.context_window_size;
	if (tokens === undefined) throw new Error(`${record.model_id} names no context window`);
	return tokens;
}

function known(record: ModelRecord, field: 'vram_required_MB'): number {
	const value = record[field];
	if (value === undefined) throw new Error(`${record.model_id} has no ${field}`);
	return value;
}

function fileName(url: string): string {
	return url.slice(url.lastIndexOf('/') + 1);
}

if (import.meta.main) {
	await writeFile(webllmModelsFile, `${JSON.stringify(await webllmEntries(), null, '\t')}\n`);
}
