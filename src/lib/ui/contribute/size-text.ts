import { m } from '$lib/paraglide/messages';
import type { ModelEntry } from '../../models/model-entry.ts';
import { formatBytes } from '../format.ts';

/** How much is downloaded, called an estimate where it is one. */
export function sizeText(model: ModelEntry, locale: string): string {
	const size = formatBytes(model.sizeBytes, locale);
	return model.sizeIsEstimate ? m.size_estimate({ size }) : size;
}
