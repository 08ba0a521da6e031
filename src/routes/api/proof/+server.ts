import type { RequestHandler } from './$types';

export const POST: RequestHandler = ({ locals, request }) =>
	locals.coordinator.proof.check(request);
