import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { catalogueSchema, type Catalogue } from '../models/model-entry.ts';
import { SettingsError } from './settings.ts';

/**
 * The built-in catalogue, with an operator's own models in front where `MODELS_DIR` names a folder
 * that holds `catalogue.json`. An entry with the id of a built-in one replaces it.
 *
 * @throws {SettingsError} if the folder's catalogue cannot be read
 */
export async function loadCatalogue(
	builtIn: Catalogue,
	modelsDir: string | null
): Promise<Catalogue> {
	if (modelsDir === null) return builtIn;
	const file = join(modelsDir, 'catalogue.json');
	const parsed = v.safeParse(catalogueSchema, await readJson(file));
	if (!parsed.success) {
		const [issue] = parsed.issues;
		throw new SettingsError(
			`MODELS_DIR: ${file}: ${v.getDotPath(issue) ?? 'catalogue'}: ${issue.message}`
		);
	}
	const own = parsed.output.models;
	const ownIds = new Set(own.map(({ id }) => id));
	return { v: 1, models: [...own, ...builtIn.models.filter(({ id }) => !ownIds.has(id))] };
}

async function readJson(file: string): Promise<unknown> {
	try {
		return JSON.parse(await readFile(file, 'utf8'));
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new SettingsError(`MODELS_DIR: expected a folder with catalogue.json: ${reason}`);
	}
}
