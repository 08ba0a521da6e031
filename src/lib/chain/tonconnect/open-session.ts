import type { THEME, TonConnectUI } from '@tonconnect/ui';
import type { ChainInfo } from '../coordinator-chain.ts';
import { MANIFEST_PATH, WALLETS_PATH } from '../paths.ts';
import { catchDialogStyles } from './style-sink.ts';
import { walletsOf } from './wallet-list.ts';
import { WalletSession, type ConnectDialog } from './wallet-session.ts';

export interface OpenSessionOptions {
	coordinator: URL;
	info: Pick<ChainInfo, 'network' | 'globalId'>;
	/** The page's colours of the moment. */
	look: () => DialogLook;
}

export interface DialogLook {
	isDark: boolean;
	accent: string;
	background: string;
	text: string;
	softText: string;
}

const ROOT_ID = 'wallet-dialog-root';

/**
 * TON Connect with its dialog: loads both on first use, asks no third party before a person has chosen a
 * wallet, and reports nothing to anybody.
 */
export async function openWalletSession(options: OpenSessionOptions): Promise<WalletSession> {
	const { coordinator, info } = options;
	catchDialogStyles();
	const sdk = await import('@tonconnect/ui');
	const connector = new sdk.TonConnect({
		manifestUrl: new URL(MANIFEST_PATH, coordinator).href,
		walletsListSource: new URL(WALLETS_PATH, coordinator).href,
		analytics: { mode: 'off' }
	});
	const wallets = walletsOf(info.network, coordinator.origin);
	const root = dialogRoot(wallets.length === 1);
	const ui = new sdk.TonConnectUI({
		connector,
		restoreConnection: false,
		widgetRootId: ROOT_ID,
		language: 'en',
		analytics: { mode: 'off' }
	});
	return new WalletSession({
		...{ connector, errors: sdk, globalId: info.globalId, isTest: info.network !== 'mainnet' },
		dialog: dialogOf(ui, root, () => preferences(options.look(), sdk.THEME)),
		sendTransaction(request) {
			const isInBrowser = connector.wallet?.provider === 'injected';
			raise(root);
			// Only a wallet on a phone needs to be opened; the page itself says how far things are.
			return ui.sendTransaction(request, {
				modals: isInBrowser ? [] : ['before'],
				notifications: []
			});
		},
		nameOf: (appName) =>
			wallets.find(({ app_name }) => app_name === appName.toLowerCase())?.name ?? appName
	});
}

type Preferences = NonNullable<TonConnectUI['uiOptions']['uiPreferences']>;

function dialogOf(
	ui: TonConnectUI,
	root: HTMLElement,
	uiPreferences: () => Preferences
): ConnectDialog {
	return {
		async open(proofPayload) {
			ui.uiOptions = { uiPreferences: uiPreferences() };
			ui.setConnectRequestParameters(
				proofPayload === null ? null : { state: 'ready', value: { tonProof: proofPayload } }
			);
			raise(root);
			await ui.openModal();
		},
		close: () => ui.closeModal('wallet-selected'),
		onClosed: (listener) =>
			ui.onModalStateChange(({ status }) => {
				if (status === 'closed') listener();
			})
	};
}

/** The library knows English and Russian only; a screen reader has to know which it reads. */
function dialogRoot(isSingle: boolean): HTMLElement {
	const root = document.createElement('div');
	root.id = ROOT_ID;
	root.lang = 'en';
	root.toggleAttribute('data-single-wallet', isSingle);
	document.body.append(root);
	return root;
}

/** A modal dialog makes all of the page inert but itself, so what has to be used stands inside of it. */
function raise(root: HTMLElement): void {
	const home = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
	if (root.parentElement !== home) home.append(root);
}

function preferences(
	{ isDark, accent, background, text, softText }: DialogLook,
	themes: typeof THEME
): Preferences {
	const theme = isDark ? themes.DARK : themes.LIGHT;
	const colours = {
		accent,
		text: { primary: text, secondary: softText },
		background: { primary: background }
	};
	return { theme, borderRadius: 's' as const, colorsSet: { [theme]: colours } };
}
