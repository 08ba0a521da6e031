import { provideBuffer } from './buffer.ts';
import type { PursePort } from './purse-port.ts';
import { openTonClient } from './ton-client.ts';

/** Purses on the network that a coordinator is on. Loads TON's code on first use. */
export async function openPurses(coordinator: URL): Promise<PursePort> {
	await provideBuffer();
	const [client, { ChainPurses }] = await Promise.all([
		openTonClient(coordinator),
		import('./chain-purses.ts')
	]);
	return new ChainPurses(client);
}
