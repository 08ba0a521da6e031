/** The networks that Mulberry can be paid on. They differ by configuration alone. */

export const NETWORK_NAMES = ['devnet', 'testnet', 'mainnet'] as const;
export type NetworkName = (typeof NETWORK_NAMES)[number];

export interface Explorer {
	/** `{address}` stands for an address in either form. */
	address: string;
	/** `{hash}` stands for a transaction's hash in hex. */
	transaction: string;
}

export interface Network {
	name: NetworkName;
	/** Param 19 of the network's config. Wallets and tickets sign it, so that they hold nowhere else. */
	globalId: number;
	/** What amounts are called on a page. */
	coin: string;
	/** Whether the coin can be bought and sold. */
	hasValue: boolean;
	/** About how long until a block shows what was sent, in milliseconds. */
	blockMs: number;
	/** Where people look things up; nobody but the coordinator sees the devnet. */
	explorer: Explorer | null;
	/** toncenter's API, version 2, as JSON-RPC; `null` where the coordinator runs the chain itself. */
	endpoint: string | null;
}

export const NETWORKS: Readonly<Record<NetworkName, Network>> = {
	devnet: {
		name: 'devnet',
		globalId: -217,
		coin: 'devnet TON',
		hasValue: false,
		blockMs: 2_000,
		explorer: null,
		endpoint: null
	},
	testnet: {
		name: 'testnet',
		globalId: -3,
		coin: 'testnet TON',
		hasValue: false,
		blockMs: 2_000,
		explorer: {
			address: 'https://testnet.tonviewer.com/{address}',
			transaction: 'https://testnet.tonviewer.com/transaction/{hash}'
		},
		endpoint: 'https://testnet.toncenter.com/api/v2/jsonRPC'
	},
	mainnet: {
		name: 'mainnet',
		globalId: -239,
		coin: 'TON',
		hasValue: true,
		blockMs: 2_000,
		explorer: {
			address: 'https://tonviewer.com/{address}',
			transaction: 'https://tonviewer.com/transaction/{hash}'
		},
		endpoint: 'https://toncenter.com/api/v2/jsonRPC'
	}
};
