import type { ITonConnect, TonConnect } from '@tonconnect/sdk';
import type { ChainInfo } from '../coordinator-chain.ts';
import { MANIFEST_PATH, WALLETS_PATH } from '../paths.ts';
import type { SdkErrors } from './outcomes.ts';
import { walletsOf, type WalletEntry } from './wallet-list.ts';
import { WalletSession, type WalletSessionParts } from './wallet-session.ts';

export interface OpenSessionOptions {
	coordinator: URL;
	info: Pick<ChainInfo, 'network' | 'globalId'>;
	/** The page's own colours of the moment. */
	look: () => DialogLook;
}

/** Colours in hex. */
export interface DialogLook {
	isDark: boolean;
	accent: string;
	background: string;
	text: string;
	softText: string;
}

/**
 * TON Connect, loaded on first use. It asks no third party before a person has asked for a wallet, and
 * reports nothing to anybody.
 */
export async function openWalletSession(options: OpenSessionOptions): Promise<WalletSession> {
	const { coordinator, info } = options;
	const wallets = walletsOf(info.network, coordinator.origin);
	const [only, ...others] = wallets;
	const bridge = only?.bridge.find(({ type }) => type === 'js');
	// With one wallet, in this browser, there is nothing to choose and no code to scan.
	const { errors, ...means } =
		others.length === 0 && bridge?.type === 'js'
			? await directMeans(coordinator, bridge.key)
			: await dialogMeans(options);
	const isTest = info.network !== 'mainnet';
	const nameOf = (appName: string) => nameIn(wallets, appName);
	return new WalletSession({ ...means, errors, globalId: info.globalId, isTest, nameOf });
}

export type SessionMeans = Pick<
	WalletSessionParts,
	'connector' | 'errors' | 'dialog' | 'sendTransaction'
>;

/** Straight to a wallet of this browser, whose own dialog asks the person. */
async function directMeans(coordinator: URL, jsBridgeKey: string): Promise<SessionMeans> {
	const sdk = await import('@tonconnect/sdk');
	const connector = newConnector(sdk, coordinator);
	return {
		connector,
		errors: sdk,
		dialog: {
			async open(proofPayload) {
				const request = proofPayload === null ? undefined : { tonProof: proofPayload };
				connector.connect({ jsBridgeKey }, request);
			},
			close: () => {},
			onClosed: () => () => {}
		},
		sendTransaction: (request) => connector.sendTransaction(request)
	};
}

async function dialogMeans(options: OpenSessionOptions): Promise<SessionMeans> {
	const { meansByDialog } = await import('./dialog-means.ts');
	return meansByDialog((sdk) => newConnector(sdk, options.coordinator), options.look);
}

/** The SDK, also as the dialog's package passes it on. */
export type Sdk = SdkErrors & { TonConnect: typeof TonConnect };

function newConnector(sdk: Sdk, coordinator: URL): ITonConnect {
	return new sdk.TonConnect({
		manifestUrl: new URL(MANIFEST_PATH, coordinator).href,
		walletsListSource: new URL(WALLETS_PATH, coordinator).href,
		analytics: { mode: 'off' }
	});
}

function nameIn(wallets: readonly WalletEntry[], appName: string): string {
	return wallets.find(({ app_name }) => app_name === appName.toLowerCase())?.name ?? appName;
}
