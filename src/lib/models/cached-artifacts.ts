/**
 * Files for an engine that reads its own Cache storage (WebLLM does): put there by us, so that they
 * come with byte progress, resumption, cancellation and a hash, none of which the engine gives.
 */
import { EngineError } from '../protocol/generation.ts';
import { fetchArtifact, type ArtifactProgress } from './artifacts.ts';
import { hashBlob } from './digest.ts';
import { deleteArtifact } from './stored-artifacts.ts';
import { isQuotaExceeded, storageFull } from './artifact-sink.ts';
import type { ModelFile } from './model-entry.ts';

/**
 * Makes sure that `cacheName` holds `file` under its absolute URL, and hashes it. What the cache
 * holds already is read and hashed again each time: whoever else writes there leaves no trace.
 *
 * @returns the lower-case hex SHA-256 and size of what the cache holds
 * @throws EngineError as `fetchArtifact`
 */
export async function fetchCachedArtifact(
	cacheName: string,
	file: ModelFile,
	onProgress: ArtifactProgress,
	signal: AbortSignal
): Promise<{ sha256: string; sizeBytes: number }> {
	const url = new URL(file.url, self.location.origin).href;
	const cache = await caches.open(cacheName);
	const hit = await cache.match(url);
	if (hit !== undefined) {
		const blob = await hit.blob();
		const sha256 = await hash(blob, file, onProgress, signal);
		if (file.sha256 === null || file.sha256 === sha256) return { sha256, sizeBytes: blob.size };
		await cache.delete(url);
		throw new EngineError(
			'hash_mismatch',
			`The stored file ${file.path} is not the expected one: SHA-256 should be ${file.sha256}, is ${sha256}. It was removed.`
		);
	}
	const { blob, sha256 } = await fetchArtifact(file, onProgress, signal);
	const headers = { 'Content-Length': String(blob.size), 'Content-Type': typeOf(file.path) };
	try {
		await cache.put(url, new Response(blob, { headers }));
	} catch (error) {
		if (isQuotaExceeded(error)) throw storageFull(blob.size, blob.size);
		const reason = error instanceof Error ? error.message : String(error);
		throw new EngineError('download_failed', `Could not store ${file.path}: ${reason}.`);
	}
	await deleteArtifact(file.url);
	return { sha256, sizeBytes: blob.size };
}

async function hash(
	blob: Blob,
	file: ModelFile,
	onProgress: ArtifactProgress,
	signal: AbortSignal
): Promise<string> {
	try {
		return await hashBlob(blob, signal, (loadedBytes) =>
			onProgress(loadedBytes, blob.size, 'verify')
		);
	} catch (error) {
		if (signal.aborted) {
			throw new EngineError('cancelled', `Checking ${file.path} was cancelled.`);
		}
		throw error;
	}
}

function typeOf(path: string): string {
	if (path.endsWith('.json')) return 'application/json';
	return path.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';
}
