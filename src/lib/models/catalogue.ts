/** The built-in catalogue and the parser for others; `docs/models.md` says how entries are made. */
import * as v from 'valibot';
import { ggufModels } from './gguf-models.ts';
import { guideModel } from './guide-model.ts';
import { catalogueSchema, type Catalogue } from './model-entry.ts';
import webllmModels from './webllm-models.json' with { type: 'json' };

export type ParsedCatalogue = { ok: true; value: Catalogue } | { ok: false; reason: string };

/**
 * A catalogue from JSON that somebody else wrote.
 *
 * @returns the catalogue, or a reason that names the first field that is wrong
 */
export function parseCatalogue(json: unknown): ParsedCatalogue {
	const parsed = v.safeParse(catalogueSchema, json);
	if (!parsed.success) {
		const [issue] = parsed.issues;
		return { ok: false, reason: `${v.getDotPath(issue) ?? 'catalogue'}: ${issue.message}` };
	}
	const ids = parsed.output.models.map(({ id }) => id);
	const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index);
	if (twice !== -1) return { ok: false, reason: `models.${twice}.id: ${ids[twice]} is taken` };
	return { ok: true, value: parsed.output };
}

/** The built-in catalogue, from the smallest download to the largest. */
export const catalogue: Catalogue = v.parse(catalogueSchema, {
	v: 1,
	models: [guideModel, ...ggufModels, ...webllmModels].sort((a, b) => a.sizeBytes - b.sizeBytes)
});
