import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, url }) =>
	locals.coordinator.log.catalogues(url.searchParams);
