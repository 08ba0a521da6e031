import type { Catalogue } from '../../models/model-entry.ts';
import { pinnedDigest } from '../../models/pinned-digest.ts';
import { fails, holds, open, type Step } from './steps.ts';

/** Step 6: the files that answered against the ones that the catalogue pins. */
export async function checkModel(
	answered: { model: string; digest: string } | null,
	catalogue: Catalogue | null
): Promise<Step> {
	if (!answered) return open('model', 'model_open', { reason: 'the record does not name it' });
	if (!catalogue) return open('model', 'model_open', { reason: 'there is no catalogue' });
	const { model, digest } = answered;
	const entry = catalogue.models.find(({ id }) => id === model);
	if (!entry) return open('model', 'model_unknown', { model });
	const expected = await pinnedDigest(entry);
	if (expected === null) return open('model', 'model_unpinned', { model, digest });
	return expected === digest
		? holds('model', 'model_holds', { model })
		: fails('model', 'model_fails', { model, digest, expected });
}
