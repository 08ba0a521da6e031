import { NETWORKS, type Network } from '../chain/networks.ts';
import { formatCoins } from './coins.ts';

/**
 * The TON network that this deployment is on, as the server wrote it into the page (`src/hooks.server.ts`):
 * data that a page loads from the server would cost every page a parser for it.
 */
export function pageNetwork(): Network {
	const { network } = document.documentElement.dataset;
	return Object.values(NETWORKS).find(({ name }) => name === network) ?? NETWORKS.mainnet;
}

/** Writes amounts in this network's coin. */
export function pageCoins(locale: string): (nano: bigint) => string {
	const { coin } = pageNetwork();
	return (nano) => formatCoins(nano, coin, locale);
}
