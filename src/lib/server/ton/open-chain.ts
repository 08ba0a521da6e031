import { join } from 'node:path';
import type { Logger } from 'pino';
import { LocalChain } from '../../chain/devnet/local-chain.ts';
import { NETWORKS } from '../../chain/networks.ts';
import type { ChainBackend } from '../../chain/rpc.ts';
import type { Settings } from '../settings.ts';
import { TonProxy } from './ton-proxy.ts';

export interface OpenChain {
	backend: ChainBackend;
	/** The same as `backend` on the devnet, `null` elsewhere. */
	local: LocalChain | null;
}

/**
 * The chain of the network that the settings name. Nothing is started or asked before the first call.
 *
 * @param dataDir a folder of this network's own
 */
export function openChain(settings: Settings, logger: Logger, dataDir: string): OpenChain {
	if (settings.network === 'devnet') {
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
	const backend = new TonProxy({
		endpoint: tonEndpoint,
		apiKey: tonApiKey,
		perSecond: tonRequestsPerSecond,
		blockMs: NETWORKS[network].blockMs,
		warn: (message) => logger.warn({ network }, message)
	});
	return { backend, local: null };
}
