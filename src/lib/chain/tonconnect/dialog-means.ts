import type { ITonConnect } from '@tonconnect/sdk';
import type { THEME, TonConnectUI } from '@tonconnect/ui';
import type { DialogLook, Sdk, SessionMeans } from './open-session.ts';
import { catchDialogStyles } from './style-sink.ts';
import type { ConnectDialog } from './wallet-session.ts';

const ROOT_ID = 'wallet-dialog-root';

/** TON Connect by its own dialog: the list of wallets, a code for phones, links into apps. */
export async function meansByDialog(
	newConnector: (sdk: Sdk) => ITonConnect,
	look: () => DialogLook
): Promise<SessionMeans> {
	catchDialogStyles();
	const sdk = await import('@tonconnect/ui');
	const connector = newConnector(sdk);
	const root = dialogRoot();
	const ui = new sdk.TonConnectUI({
		connector,
		restoreConnection: false,
		widgetRootId: ROOT_ID,
		language: 'en',
		analytics: { mode: 'off' }
	});
	return {
		connector,
		errors: sdk,
		dialog: dialogOf(ui, root, () => preferences(look(), sdk.THEME)),
		sendTransaction(request) {
			const isInBrowser = connector.wallet?.provider === 'injected';
			raise(root);
			// Only a wallet on a phone needs to be opened; the page itself says how far things are.
			return ui.sendTransaction(request, {
				modals: isInBrowser ? [] : ['before'],
				notifications: []
			});
		}
	};
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
function dialogRoot(): HTMLElement {
	const root = document.createElement('div');
	root.id = ROOT_ID;
	root.lang = 'en';
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
