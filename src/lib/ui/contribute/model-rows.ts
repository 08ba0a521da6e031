import { checkFit, type DeviceFacts, type Fit } from '../../models/capability.ts';
import type { ModelEntry } from '../../models/model-entry.ts';
import type { StoredArtifact } from '../../models/stored-artifacts.ts';

export interface ModelRow {
	model: ModelEntry;
	fit: Fit;
	/** Every file has a known hash that is checked after the download. */
	isPinned: boolean;
	/** What of the model lies on this disk. */
	storedBytes: number;
}

/** Models that fit come first, the smallest at the top. */
export function modelRows(
	models: readonly ModelEntry[],
	device: DeviceFacts,
	stored: readonly StoredArtifact[]
): ModelRow[] {
	return models
		.map((model) => {
			const storedBytes = storedBytesOf(model, stored);
			const fit = checkFit(model, device, storedBytes);
			return { model, fit, isPinned: isPinned(model), storedBytes };
		})
		.sort(
			(a, b) =>
				Number(b.fit.fits) - Number(a.fit.fits) ||
				a.model.sizeBytes - b.model.sizeBytes ||
				a.model.id.localeCompare(b.model.id)
		);
}

/** WebLLM's weights are many files that no source lists with hashes. */
function isPinned(model: ModelEntry): boolean {
	return model.engine === 'wllama' && model.files.every(({ sha256 }) => sha256 !== null);
}

function storedBytesOf(model: ModelEntry, stored: readonly StoredArtifact[]): number {
	const urls = model.engine === 'wllama' ? model.files.map(({ url }) => url) : [];
	const isOfModel = ({ url }: StoredArtifact) =>
		model.engine === 'webllm' ? url.startsWith(model.weightsUrl) : urls.includes(url);
	return stored.filter(isOfModel).reduce((sum, { storedBytes }) => sum + storedBytes, 0);
}

/** All of it is here, or all but the small files around the weights. */
export function isStored({ model, storedBytes }: ModelRow): boolean {
	return model.sizeBytes > 0 && storedBytes >= model.sizeBytes * 0.98;
}
