/**
 * A WebLLM model's files, put into the caches that WebLLM reads before it starts: it gives neither
 * byte progress nor resumption itself, and checks no weights.
 */
import * as v from 'valibot';
import { fetchCachedArtifact } from '../models/cached-artifacts.ts';
import { artifactDigest } from '../models/digest.ts';
import type { ModelEntry, ModelFile } from '../models/model-entry.ts';
import { EngineError } from '../protocol/generation.ts';
import type { LoadProgress } from './engine.ts';
import { cancelled } from './failure.ts';
import { TransferProgress } from './transfer-progress.ts';

type WebllmEntry = Extract<ModelEntry, { engine: 'webllm' }>;

/** WebLLM's names of its caches. */
const CACHE = { config: 'webllm/config', library: 'webllm/wasm', model: 'webllm/model' } as const;

/** Plain names only: the list comes from the model's repository, and its names become URLs. */
const plainName = v.pipe(v.string(), v.regex(/^[\w-][\w.-]*$/));
const configSchema = v.looseObject({ tokenizer_files: v.array(plainName) });
const weightsSchema = v.object({
	records: v.array(v.object({ dataPath: plainName, nbytes: v.pipe(v.number(), v.safeInteger()) }))
});

export interface WebllmFiles {
	/** Over library, config, tokenizer, list of weights and every shard of them. */
	digest: string;
	/** mlc-chat-config.json */
	config: unknown;
}

/** Base URL of the weights by WebLLM's rule: a Hugging Face repository unless it names a revision. */
export function weightsBase(model: WebllmEntry): string {
	const url = model.weightsUrl.replace(/\/?$/, '/');
	const base = /.+\/resolve\/.+\//.test(url) ? url : `${url}resolve/main/`;
	return new URL(base, self.location.origin).href;
}

/** @throws EngineError as `fetchArtifact` */
export async function fetchWebllmFiles(
	model: WebllmEntry,
	onProgress: (progress: LoadProgress) => void,
	signal: AbortSignal
): Promise<WebllmFiles> {
	const base = weightsBase(model);
	const hashes: { path: string; sha256: string }[] = [];
	const get = async (cache: string, file: ModelFile, progress: TransferProgress) => {
		if (signal.aborted) throw cancelled();
		const { sha256 } = await fetchCachedArtifact(
			cache,
			file,
			(loaded, total, phase) => progress.update(file.path, loaded, total, phase),
			signal
		);
		hashes.push({ path: file.path, sha256 });
	};
	const small = new TransferProgress(new Map(), () => {});
	const unpinned = (path: string, sizeBytes = 0): ModelFile => ({
		path,
		url: base + path,
		sizeBytes,
		sha256: null
	});

	await get(CACHE.config, unpinned('mlc-chat-config.json'), small);
	const config = await readCached(CACHE.config, `${base}mlc-chat-config.json`, configSchema);
	const tokenizer = config.tokenizer_files.includes('tokenizer.json')
		? 'tokenizer.json'
		: 'tokenizer.model';
	await get(CACHE.model, unpinned('tensor-cache.json'), small);
	const { records } = await readCached(CACHE.model, `${base}tensor-cache.json`, weightsSchema);

	const large = [
		[CACHE.library, model.library] as const,
		[CACHE.model, unpinned(tokenizer)] as const,
		...records.map(({ dataPath, nbytes }) => [CACHE.model, unpinned(dataPath, nbytes)] as const)
	];
	const progress = new TransferProgress(
		new Map(large.map(([, file]) => [file.path, file.sizeBytes])),
		// Library and tokenizer often come without a size; the catalogue knows the sum.
		(step) =>
			onProgress(
				'totalBytes' in step ? { ...step, totalBytes: step.totalBytes || model.sizeBytes } : step
			)
	);
	for (const [cache, file] of large) await get(cache, file, progress);
	return { digest: await artifactDigest(hashes), config };
}

async function readCached<T>(
	cacheName: string,
	url: string,
	schema: v.GenericSchema<unknown, T>
): Promise<T> {
	const response = await (await caches.open(cacheName)).match(url);
	const parsed = v.safeParse(schema, await response?.json());
	if (parsed.success) return parsed.output;
	throw new EngineError('engine_failed', `${url} is not understood: ${v.summarize(parsed.issues)}`);
}
