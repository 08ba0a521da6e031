import { buildIfStale } from '../../scripts/pages.ts';
import { makeTestModels } from './test-models.ts';

/** The pages and the test model, once for all end-to-end tests. */
export default async function globalSetup(): Promise<void> {
	makeTestModels();
	await buildIfStale();
}
