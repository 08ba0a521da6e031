import * as v from 'valibot';
import { catalogueSchema, type ModelEntry } from '../models/model-entry.ts';

const REQUEST_TIMEOUT_MS = 8_000;

/** The coordinator's catalogue, or `null` where it does not answer or answers something else. */
export async function loadCatalogue(signal: AbortSignal): Promise<readonly ModelEntry[] | null> {
	try {
		const response = await fetch('/api/catalogue', {
			signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)])
		});
		const parsed = v.safeParse(catalogueSchema, await response.json());
		return response.ok && parsed.success ? parsed.output.models : null;
	} catch {
		return null;
	}
}
