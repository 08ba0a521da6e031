import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, request }) =>
	locals.coordinator.wallet.manifest(request);
