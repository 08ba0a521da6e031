import type { RequestHandler } from './$types';

export const GET: RequestHandler = ({ locals }) => locals.coordinator.log.head();
