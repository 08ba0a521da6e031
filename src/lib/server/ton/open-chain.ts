import { join } from 'node:path';
import type { Logger } from 'pino';
import type { LocalChain } from '../../chain/devnet/local-chain.ts';
import { NETWORKS } from '../../chain/networks.ts';
import type { ChainBackend } from '../../chain/rpc.ts';
import type { Settings } from '../settings.ts';

export interface OpenChain {
	backend: ChainBackend;
	/** The same as `backend` on the devnet, `null` elsewhere. */
	local: LocalChain | null;
}

/**
 * The chain of the network that the settings name. Only its own code is loaded, and nothing is started or
 * asked before the first call.
 *
 * @param dataDir a folder of this network's own
 */
export async function openChain(
	settings: Settings,
	logger: Logger,
	dataDir: string
): Promise<OpenChain> {
	if (settings.network === 'devnet') {
		const { LocalChain } = await import('../../chain/devnet/local-chain.ts');
		const local = new LocalChain(
			{
				file: join(dataDir, 'chain.sqlite'),
				globalId: NETWORKS.devnet.globalId,
				blockMs: settings.devnetBlockMs,
				allowTimeTravel: settings.allowsTimeTravel
			},
			(message) => logger.error({ reason: message }, 'trouble in the local chain')
		);
		return { backend: local, local };
	}
	const { network, tonEndpoint, tonApiKey, tonRequestsPerSecond } = settings;
	if (tonEndpoint === null) throw new Error(`TON_ENDPOINT: expected one for ${network}`);
	const { TonProxy } = await import('./ton-proxy.ts');
	const backend = new TonProxy({
		endpoint: tonEndpoint,
		apiKey: tonApiKey,
		perSecond: tonRequestsPerSecond,
		blockMs: NETWORKS[network].blockMs,
		warn: (message) => logger.warn({ network }, message)
	});
	return { backend, local: null };
}
