import type { TonClient } from '@ton/ton';
import { loadKeyPair } from '../../store/key-pairs.ts';
import { NETWORKS, type NetworkName } from '../networks.ts';
import { DEVELOPMENT_WALLET_KEY } from '../tonconnect/wallet-list.ts';
import type { Approve } from './approval.ts';
import { DevelopmentBridge } from './bridge.ts';
import { DevelopmentWallet } from './development-wallet.ts';

const CONNECTED_KEY = 'mulberry-development-wallet';

/** Whether the site is connected, where the browser keeps anything. */
const connection = {
	get: () => localStorage.getItem(CONNECTED_KEY) === '1',
	set: (isConnected: boolean) => localStorage.setItem(CONNECTED_KEY, isConnected ? '1' : '0')
};

export interface InstallOptions {
	client: TonClient;
	network: { network: NetworkName; globalId: number };
	approve: Approve;
	/** Given in tests. */
	keys?: CryptoKeyPair;
}

/**
 * Puts the development wallet on `window`, where TON Connect looks for wallets.
 *
 * @throws RangeError on any network but the devnet
 */
export async function installDevelopmentWallet(
	options: InstallOptions
): Promise<DevelopmentWallet> {
	const { network, globalId } = options.network;
	if (network !== 'devnet' || globalId !== NETWORKS.devnet.globalId) {
		throw new RangeError(`network: expected devnet (-217), found ${network} (${globalId})`);
	}
	const keys = options.keys ?? (await loadKeyPair('development-wallet'));
	const wallet = await DevelopmentWallet.open(options.client, keys);
	const tonconnect = new DevelopmentBridge({ wallet, approve: options.approve, connection });
	Object.assign(window, { [DEVELOPMENT_WALLET_KEY]: { tonconnect } });
	return wallet;
}
