import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, params }) =>
	locals.coordinator.redeem.status(params.hash);
