import { fetchArtifact } from '../../src/lib/models/artifacts.ts';
import { fetchCachedArtifact } from '../../src/lib/models/cached-artifacts.ts';
import { hashBlob } from '../../src/lib/models/digest.ts';
import type { ModelFile } from '../../src/lib/models/model-entry.ts';
import { EngineError } from '../../src/lib/protocol/generation.ts';

/** `cacheName` sends the file there instead. */
export interface Call {
	file: ModelFile;
	cacheName?: string;
}

export type Progress = [loadedBytes: number, totalBytes: number, phase: string];

export type Outcome =
	| { ok: true; sha256: string; blobSha256: string; stored: boolean; progress: Progress[] }
	| { ok: false; kind: string; message: string; progress: Progress[] };

export type Reply = { kind: 'progress'; loadedBytes: number } | { kind: 'done'; outcome: Outcome };

const abort = new AbortController();

self.onmessage = async ({ data }: MessageEvent<Call | 'abort'>) => {
	if (data === 'abort') return abort.abort();
	reply({ kind: 'done', outcome: await run(data) });
};

async function run({ file, cacheName }: Call): Promise<Outcome> {
	const progress: Progress[] = [];
	const onProgress = (...step: Progress) => {
		progress.push(step);
		reply({ kind: 'progress', loadedBytes: step[0] });
	};
	const never = new AbortController().signal;
	try {
		if (cacheName !== undefined) {
			const { sha256 } = await fetchCachedArtifact(cacheName, file, onProgress, abort.signal);
			const hit = await (await caches.open(cacheName)).match(new Request(file.url));
			const blobSha256 = hit === undefined ? '' : await hashBlob(await hit.blob(), never);
			return { ok: true, sha256, blobSha256, stored: true, progress };
		}
		const { blob, sha256, stored } = await fetchArtifact(file, onProgress, abort.signal);
		return { ok: true, sha256, blobSha256: await hashBlob(blob, never), stored, progress };
	} catch (error) {
		if (!(error instanceof EngineError)) throw error;
		return { ok: false, ...error.failure, progress };
	}
}

function reply(message: Reply): void {
	self.postMessage(message);
}
