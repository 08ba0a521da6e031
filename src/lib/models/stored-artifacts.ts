/** What model files lie on this disk, and deleting them. For pages and workers. */
import { ArtifactFolder, artifactKey, artifactLock } from './artifact-folder.ts';

export interface StoredArtifact {
	/** As in the catalogue. */
	url: string;
	path: string;
	/** On the disk now. */
	storedBytes: number;
	/** Of the whole file; null while unknown. */
	totalBytes: number | null;
	/** Null while the download is unfinished. */
	sha256: string | null;
}

/** Every model file in storage, unfinished downloads too; empty where there is no storage. */
export async function listStoredArtifacts(): Promise<StoredArtifact[]> {
	const folder = await ArtifactFolder.open();
	if (folder === null) return [];
	const found: StoredArtifact[] = [];
	for (const key of await folder.keys()) {
		const [record, file] = await Promise.all([folder.record(key), folder.file(key)]);
		if (file === null) continue;
		if (record === null) {
			await removeUnused(folder, key);
			continue;
		}
		found.push({
			url: record.url,
			path: record.path,
			storedBytes: file.size,
			totalBytes: record.whole?.sizeBytes ?? record.version.totalBytes,
			sha256: record.whole?.sha256 ?? null
		});
	}
	return found.sort((a, b) => (a.url < b.url ? -1 : 1));
}

/**
 * Deletes a model file or what there is of it.
 *
 * @returns `in_use` while it is being downloaded, here or in another tab; nothing is deleted then
 */
export async function deleteArtifact(url: string): Promise<'deleted' | 'in_use'> {
	const folder = await ArtifactFolder.open();
	if (folder === null) return 'deleted';
	return (await removeUnused(folder, await artifactKey(url))) ? 'deleted' : 'in_use';
}

async function removeUnused(folder: ArtifactFolder, key: string): Promise<boolean> {
	return navigator.locks.request(artifactLock(key), { ifAvailable: true }, async (lock) => {
		if (lock === null) return false;
		await folder.remove(key);
		return true;
	});
}

/** What this origin uses and may use; null where the browser does not say. */
export async function storageUse(): Promise<{ usedBytes: number; quotaBytes: number } | null> {
	try {
		const { usage, quota } = await navigator.storage.estimate();
		return usage === undefined || quota === undefined
			? null
			: { usedBytes: usage, quotaBytes: quota };
	} catch {
		// Not a secure context, or a frame without storage.
		return null;
	}
}
