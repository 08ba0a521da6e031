import type { NetworkName } from '../networks.ts';

/**
 * Which wallets people can connect, in the form that TON Connect's SDK reads. The list is ours, and so are
 * the icons, so that looking at it asks no third party. Imports nothing heavy: the coordinator serves it.
 *
 * Source of names, links and bridges: github.com/ton-connect/wallets-list.
 */

/** As a JSON file of the wallets list has it. */
export interface WalletEntry {
	app_name: string;
	name: string;
	/** A path of ours here, an absolute URL in the answer. */
	image: string;
	about_url: string;
	universal_url?: string;
	deepLink?: string;
	bridge: ({ type: 'sse'; url: string } | { type: 'js'; key: string })[];
	platforms: string[];
	features: { name: 'SendTransaction'; maxMessages: number }[];
}

/** Where the development wallet stands on `window`; only on the devnet, see `development-wallet/`. */
export const DEVELOPMENT_WALLET_KEY = 'mulberryDevelopmentWallet';

const FEATURES: WalletEntry['features'] = [{ name: 'SendTransaction', maxMessages: 255 }];

const DEVELOPMENT_WALLET: WalletEntry = {
	app_name: 'mulberry-development-wallet',
	name: 'Development wallet',
	image: '/wallets/development.svg',
	about_url: '/',
	bridge: [{ type: 'js', key: DEVELOPMENT_WALLET_KEY }],
	platforms: ['chrome', 'firefox', 'safari', 'windows', 'macos', 'linux', 'ios', 'android'],
	features: FEATURES
};

const TONKEEPER: WalletEntry = {
	app_name: 'tonkeeper',
	name: 'Tonkeeper',
	image: '/wallets/tonkeeper.svg',
	about_url: 'https://tonkeeper.com',
	universal_url: 'https://app.tonkeeper.com/ton-connect',
	deepLink: 'tonkeeper-tc://',
	bridge: [
		{ type: 'sse', url: 'https://bridge.tonapi.io/bridge' },
		{ type: 'js', key: 'tonkeeper' }
	],
	platforms: ['ios', 'android', 'chrome', 'firefox', 'macos'],
	features: FEATURES
};

const MYTONWALLET: WalletEntry = {
	app_name: 'mytonwallet',
	name: 'MyTonWallet',
	image: '/wallets/mytonwallet.svg',
	about_url: 'https://mytonwallet.io',
	universal_url: 'https://connect.mytonwallet.org',
	deepLink: 'mytonwallet-tc://',
	bridge: [
		{ type: 'js', key: 'mytonwallet' },
		{ type: 'sse', url: 'https://tonconnectbridge.mytonwallet.org/bridge/' }
	],
	platforms: ['chrome', 'windows', 'macos', 'linux', 'ios', 'android', 'firefox'],
	features: FEATURES
};

const TONHUB: WalletEntry = {
	app_name: 'tonhub',
	name: 'Tonhub',
	image: '/wallets/tonhub.svg',
	about_url: 'https://tonhub.com',
	universal_url: 'https://tonhub.com/ton-connect',
	bridge: [
		{ type: 'js', key: 'tonhub' },
		{ type: 'sse', url: 'https://connect.tonhubapi.com/tonconnect' }
	],
	platforms: ['ios', 'android'],
	features: FEATURES
};

/** Tonhub's app knows mainnet alone. */
const WALLETS: Readonly<Record<NetworkName, readonly WalletEntry[]>> = {
	devnet: [DEVELOPMENT_WALLET],
	testnet: [TONKEEPER, MYTONWALLET],
	mainnet: [TONKEEPER, MYTONWALLET, TONHUB]
};

/** @param origin where the pages are, such as `https://mulberry.example` */
export function walletsOf(network: NetworkName, origin: string): WalletEntry[] {
	return WALLETS[network].map((entry) => ({
		...entry,
		image: new URL(entry.image, origin).href,
		about_url: new URL(entry.about_url, origin).href
	}));
}

/**
 * What a page has to be allowed to connect to for wallets that are on a phone, as sources of a content
 * security policy. Ending in a slash, each covers what lies below it and nothing beside it.
 */
export function bridgesOf(network: NetworkName): string[] {
	return WALLETS[network].flatMap(({ bridge }) =>
		bridge.flatMap((each) => (each.type === 'sse' ? [each.url.replace(/\/?$/, '/')] : []))
	);
}
