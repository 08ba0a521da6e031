import type { HandleClientError } from '@sveltejs/kit';
import { randomBytes, toHex } from '$lib/protocol/bytes.ts';

/** The reader gets a short id to quote; the error itself stays in the browser's own console. */
export const handleError: HandleClientError = ({ error, message }) => {
	const id = toHex(randomBytes(4));
	reportError(error);
	return { message, id };
};
