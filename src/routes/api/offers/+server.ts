import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, url }) =>
	locals.coordinator.api.findOffers(url.searchParams);

export const POST: RequestHandler = ({ locals, request }) =>
	locals.coordinator.api.postOffer(request);
