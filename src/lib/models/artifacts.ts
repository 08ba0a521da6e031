/**
 * Model files: downloaded once, kept, trusted by their hash. For dedicated workers; listing and
 * deleting work anywhere. `docs/models.md` says what is checked when.
 */
import { EngineError } from '../protocol/generation.ts';
import { ArtifactFolder, artifactKey, artifactLock, type SyncHandle } from './artifact-folder.ts';
import { isHashFresh, type ArtifactRecord, type WholeFile } from './artifact-record.ts';
import { FileSink, isQuotaExceeded, MemorySink, storageFull } from './artifact-sink.ts';
import { hashBlob } from './digest.ts';
import { download, type ByteSink, type DownloadOptions } from './download.ts';
import type { ModelFile } from './model-entry.ts';
import { ProgressThrottle } from './throttle.ts';

export interface Artifact {
	/** Backed by the disk where `stored`. Unreadable once the file is deleted. */
	blob: Blob;
	/** Lower-case hex, of the bytes in `blob`. */
	sha256: string;
	/** False where the browser gives no storage: the file lives in memory and goes with the page. */
	stored: boolean;
}

/**
 * Called at most ten times a second, and with the last. `verify` reads what is stored already; `totalBytes` is 0 while
 * unknown.
 */
export type ArtifactProgress = (
	loadedBytes: number,
	totalBytes: number,
	phase: 'download' | 'verify'
) => void;

const PROGRESS_EVERY_MS = 100;

/**
 * Gives a model file: from storage, or from its source, going on where an earlier download stopped.
 * A second caller (another tab) waits for the first.
 *
 * @throws EngineError `download_failed` and `storage_full` (what came is kept), `hash_mismatch` (the
 * file is removed, so that it can be fetched again), `cancelled`
 */
export async function fetchArtifact(
	file: ModelFile,
	onProgress: ArtifactProgress,
	signal: AbortSignal
): Promise<Artifact> {
	const throttle = new ProgressThrottle(onProgress, PROGRESS_EVERY_MS);
	try {
		signal.throwIfAborted();
		const folder = await ArtifactFolder.open();
		if (folder === null) return await fetchToMemory(file, throttle.report, signal);
		const key = await artifactKey(file.url);
		return await navigator.locks.request(artifactLock(key), { signal }, () =>
			fetchToFolder(folder, key, file, throttle.report, signal)
		);
	} catch (error) {
		throw toEngineError(error, file, signal);
	} finally {
		throttle.end();
	}
}

async function fetchToFolder(
	folder: ArtifactFolder,
	key: string,
	file: ModelFile,
	onProgress: ArtifactProgress,
	signal: AbortSignal
): Promise<Artifact> {
	const record = await folder.record(key);
	if (record?.whole) {
		const stored = await reuse(folder, key, file, record, record.whole, onProgress, signal);
		if (stored !== null) return stored;
	}
	const handle = await folder.write(key);
	if (handle === null) return fetchToMemory(file, onProgress, signal);
	const unfinished = record?.whole === null ? record : null;
	const { version, sha256 } = await fetchToHandle(
		handle,
		file,
		unfinished,
		(record) => folder.writeRecord(key, record),
		onProgress,
		signal
	);
	if (isWrong(file, sha256)) {
		await folder.remove(key);
		throw mismatch(file, file.sha256, sha256, 'downloaded');
	}
	const blob = await storedFile(folder, key);
	await folder.writeRecord(key, {
		...newRecord(file, version),
		whole: wholeFile(blob, sha256)
	});
	return { blob, sha256, stored: true };
}

async function fetchToHandle(
	handle: SyncHandle,
	file: ModelFile,
	unfinished: ArtifactRecord | null,
	writeRecord: (record: ArtifactRecord) => Promise<void>,
	onProgress: ArtifactProgress,
	signal: AbortSignal
): Promise<{ version: ArtifactRecord['version']; sha256: string }> {
	const sink = new FileSink(handle);
	try {
		if (unfinished !== null) {
			const total = sink.sizeBytes;
			await sink.hashStored((loadedBytes) => onProgress(loadedBytes, total, 'verify'), signal);
		}
		const version = await download(sourceOf(file), sink, {
			...downloadOptions(file, onProgress, signal),
			version: unfinished?.version ?? null,
			onVersion: async (version) => {
				await writeRecord(newRecord(file, version));
				if (version.totalBytes !== null) await requireRoom(version.totalBytes, sink);
			}
		});
		sink.flush();
		return { version, sha256: sink.sha256() };
	} finally {
		sink.close();
	}
}

async function fetchToMemory(
	file: ModelFile,
	onProgress: ArtifactProgress,
	signal: AbortSignal
): Promise<Artifact> {
	const sink = new MemorySink();
	await download(sourceOf(file), sink, downloadOptions(file, onProgress, signal));
	const sha256 = sink.sha256();
	if (isWrong(file, sha256)) throw mismatch(file, file.sha256, sha256, 'downloaded');
	return { blob: sink.blob(), sha256, stored: false };
}

/** The stored file if it is the one asked for and unaltered; `null` if another is to be fetched. */
async function reuse(
	folder: ArtifactFolder,
	key: string,
	file: ModelFile,
	record: ArtifactRecord,
	whole: WholeFile,
	onProgress: ArtifactProgress,
	signal: AbortSignal
): Promise<Artifact | null> {
	const blob = await folder.file(key);
	const isOther =
		isWrong(file, whole.sha256) || (file.sizeBytes > 0 && file.sizeBytes !== whole.sizeBytes);
	if (blob === null || isOther) {
		// The catalogue has moved on, or the browser took the file away.
		await folder.remove(key);
		return null;
	}
	if (!isHashFresh(whole, blob, Date.now())) {
		const sha256 = await hashBlob(blob, signal, (loadedBytes) =>
			onProgress(loadedBytes, blob.size, 'verify')
		);
		if (sha256 !== whole.sha256) {
			await folder.remove(key);
			throw mismatch(file, whole.sha256, sha256, 'stored');
		}
		await folder.writeRecord(key, { ...record, whole: wholeFile(blob, sha256) });
	}
	return { blob, sha256: whole.sha256, stored: true };
}

function downloadOptions(
	file: ModelFile,
	onProgress: ArtifactProgress,
	signal: AbortSignal
): DownloadOptions {
	return {
		version: null,
		expectedBytes: file.sizeBytes,
		isPinned: file.sha256 !== null,
		onVersion: async () => {},
		onProgress: (loadedBytes, totalBytes) => onProgress(loadedBytes, totalBytes, 'download'),
		signal
	};
}

/** Says so before the download rather than gigabytes later. */
async function requireRoom(totalBytes: number, sink: ByteSink): Promise<void> {
	const { quota, usage } = await navigator.storage.estimate();
	if (quota === undefined || usage === undefined) return;
	const missingBytes = totalBytes - sink.sizeBytes - (quota - usage);
	if (missingBytes > 0) throw storageFull(sink.sizeBytes, missingBytes);
}

/** A worker may run from a `blob:` URL, which a path cannot be resolved against. */
function sourceOf(file: ModelFile): string {
	return new URL(file.url, self.location.origin).href;
}

async function storedFile(folder: ArtifactFolder, key: string): Promise<File> {
	const file = await folder.file(key);
	if (file === null) throw new Error('the browser removed the file that was just stored');
	return file;
}

function newRecord(file: ModelFile, version: ArtifactRecord['version']): ArtifactRecord {
	return { v: 1, url: file.url, path: file.path, version, whole: null };
}

function wholeFile(blob: File, sha256: string): WholeFile {
	return {
		sha256,
		sizeBytes: blob.size,
		modifiedMs: blob.lastModified,
		hashedMs: Date.now()
	};
}

const isWrong = (file: ModelFile, sha256: string) => file.sha256 !== null && file.sha256 !== sha256;

function mismatch(
	file: ModelFile,
	expected: string | null,
	found: string,
	which: 'downloaded' | 'stored'
): EngineError {
	return new EngineError(
		'hash_mismatch',
		`The ${which} file ${file.path} is not the expected one: SHA-256 should be ${expected}, is ${found}. It was removed.`
	);
}

function toEngineError(error: unknown, file: ModelFile, signal: AbortSignal): EngineError {
	if (error instanceof EngineError) return error;
	if (signal.aborted) {
		return new EngineError('cancelled', `The download of ${file.path} was cancelled.`);
	}
	if (isQuotaExceeded(error)) return storageFull(0);
	const reason = error instanceof Error ? error.message : String(error);
	return new EngineError('download_failed', `Could not store ${file.path}: ${reason}.`);
}
