import { buildIfStale } from '../../scripts/pages.ts';

/** The pages, once for all end-to-end tests. */
export default async function globalSetup(): Promise<void> {
	await buildIfStale();
}
