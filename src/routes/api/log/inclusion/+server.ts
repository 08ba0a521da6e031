import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, url }) =>
	locals.coordinator.log.inclusion(url.searchParams);
