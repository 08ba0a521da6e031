import { readCaller } from '$lib/server/caller-headers.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals, request }) =>
	locals.coordinator.api.metrics(request, readCaller(request).isLocal);
