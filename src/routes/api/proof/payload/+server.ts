import type { RequestHandler } from './$types';

export const POST: RequestHandler = ({ locals }) => locals.coordinator.proof.payload();
