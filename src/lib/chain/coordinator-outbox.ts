import { REDEEM_PATH } from './paths.ts';
import type { OutboxPort } from './purse-port.ts';

const REQUEST_TIMEOUT_MS = 8_000;

/** The coordinator's outbox: it sends again what it was given, and can change nothing in it. */
export function coordinatorOutbox(coordinator: URL): OutboxPort {
	return {
		async post({ boc, ticket, expires }) {
			const response = await fetch(new URL(REDEEM_PATH, coordinator), {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify({ boc, ticket, expires: expires * 1000 }),
				// The page may be closing.
				keepalive: true,
				signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)
			});
			if (!response.ok) throw new Error(`${REDEEM_PATH}: status ${response.status}`);
		}
	};
}
