import { artifactDigest } from './digest.ts';
import type { ModelEntry } from './model-entry.ts';

/**
 * The artifact digest that a model must have, from the hashes in its catalogue entry; `null` where
 * the entry does not pin all that is loaded. WebLLM's entries do not even name all files.
 */
export async function pinnedDigest(entry: ModelEntry): Promise<string | null> {
	if (entry.engine !== 'wllama') return null;
	const files = entry.files.flatMap(({ path, sha256 }) => (sha256 ? [{ path, sha256 }] : []));
	return files.length === entry.files.length ? artifactDigest(files) : null;
}
