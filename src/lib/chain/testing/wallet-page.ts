import type { TonClient } from '@ton/ton';
import type * as Sdk from '@tonconnect/sdk';
import type { Approval } from '../development-wallet/approval.ts';
import type { DevelopmentWallet } from '../development-wallet/development-wallet.ts';
import { MANIFEST_PATH, WALLETS_PATH } from '../paths.ts';
import { DEVELOPMENT_WALLET_KEY, walletsOf } from '../tonconnect/wallet-list.ts';
import { WalletSession } from '../tonconnect/wallet-session.ts';

/**
 * What a page is to TON Connect, in Node: the real SDK finds the real development wallet on a `window`; only
 * the person who looks at dialogs is scripted.
 */
export class WalletPage {
	readonly session: WalletSession;
	readonly wallet: DevelopmentWallet;
	/** What the person was shown. */
	readonly shown: Approval[] = [];
	/** What the person answers from now on. */
	answer: boolean | Promise<boolean> = true;
	/** What the person does with the list of wallets. */
	choice: 'wallet' | 'close' | 'nothing' = 'wallet';

	private constructor(session: (page: WalletPage) => WalletSession, wallet: DevelopmentWallet) {
		this.wallet = wallet;
		this.session = session(this);
	}

	static async open(options: {
		coordinator: URL;
		client: TonClient;
		keys: CryptoKeyPair;
		/** What the site asks for; the development wallet itself is on the devnet. */
		globalId?: number;
		/** What the browser kept from an earlier page. */
		kept?: Map<string, string>;
	}): Promise<WalletPage> {
		const { coordinator, client, keys, globalId = -217 } = options;
		makeWindow(coordinator, options.kept ?? new Map());
		const { installDevelopmentWallet } = await import('../development-wallet/install.ts');
		const opened: { page?: WalletPage } = {};
		const wallet = await installDevelopmentWallet({
			...{ client, keys, network: { network: 'devnet', globalId: -217 } },
			approve: async (approval) => {
				opened.page?.shown.push(approval);
				return (await opened.page?.answer) ?? false;
			}
		});
		const sdk = await import('@tonconnect/sdk');
		const page = new WalletPage((self) => sessionOf(sdk, coordinator, globalId, self), wallet);
		opened.page = page;
		return page;
	}
}

function sessionOf(
	sdk: typeof Sdk,
	coordinator: URL,
	globalId: number,
	page: WalletPage
): WalletSession {
	const connector = new sdk.TonConnect({
		manifestUrl: new URL(MANIFEST_PATH, coordinator).href,
		walletsListSource: new URL(WALLETS_PATH, coordinator).href,
		analytics: { mode: 'off' }
	});
	const [entry] = walletsOf('devnet', coordinator.origin);
	let closed: () => void = () => {};
	return new WalletSession({
		...{ connector, errors: sdk, globalId, isTest: true },
		dialog: {
			async open(proofPayload) {
				if (page.choice === 'close') closed();
				if (page.choice !== 'wallet') return;
				const request = proofPayload === null ? undefined : { tonProof: proofPayload };
				connector.connect({ jsBridgeKey: DEVELOPMENT_WALLET_KEY }, request);
			},
			close: () => {},
			onClosed: (listener) => {
				closed = listener;
				return () => (closed = () => {});
			}
		},
		sendTransaction: (request) => connector.sendTransaction(request),
		nameOf: (appName) => (entry?.app_name === appName ? entry.name : appName)
	});
}

/** As much of a browser as the SDK and the wallet ask for; must be there before the SDK is loaded. */
function makeWindow(coordinator: URL, kept: Map<string, string>): void {
	const localStorage = {
		getItem: (key: string) => kept.get(key) ?? null,
		setItem: (key: string, value: string) => void kept.set(key, value),
		removeItem: (key: string) => void kept.delete(key),
		key: (index: number) => [...kept.keys()][index] ?? null,
		get length() {
			return kept.size;
		}
	};
	const { origin, hostname, href } = coordinator;
	const known = globalThis as { window?: object };
	Object.assign(globalThis, { localStorage });
	known.window ??= new EventTarget();
	Object.assign(known.window, { localStorage, location: { origin, hostname, href } });
}
