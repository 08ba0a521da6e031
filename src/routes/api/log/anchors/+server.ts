import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals }) => locals.coordinator.log.anchors();

export const POST: RequestHandler = ({ locals, request }) =>
	locals.coordinator.operator.anchorNow(request);
