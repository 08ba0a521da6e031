import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, url }) =>
	locals.coordinator.log.entries(url.searchParams);

export const POST: RequestHandler = ({ locals, request }) => locals.coordinator.log.add(request);
