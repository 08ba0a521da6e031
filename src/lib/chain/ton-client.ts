import type { TonClient } from '@ton/ton';
import { provideBuffer } from './buffer.ts';
import { RPC_PATH } from './paths.ts';

export type { TonClient };

/** The coordinator gives up after 12 s when an endpoint does not answer. */
const TIMEOUT_MS = 15_000;

/**
 * The standard client of `@ton/ton` for the network that a coordinator is on, through that coordinator. Loads
 * TON's code on first use.
 *
 * @param coordinator where the coordinator is, such as `https://mulberry.example`
 * @returns a client whose calls reject with an error of axios: `error.response?.status` is 429 where the
 *   coordinator's limit is reached, 500 where the chain refuses, 502 to 504 where it cannot be asked
 */
export async function openTonClient(coordinator: URL): Promise<TonClient> {
	await provideBuffer();
	const { TonClient } = await import('@ton/ton');
	return new TonClient({ endpoint: new URL(RPC_PATH, coordinator).href, timeout: TIMEOUT_MS });
}
