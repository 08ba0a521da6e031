import { mount, unmount } from 'svelte';
import { askFaucet, CoordinatorChainError, fetchChainInfo } from '../../chain/coordinator-chain.ts';
import type { ChainInfo } from '../../chain/coordinator-chain.ts';
import { LivePurse } from '../../chain/purse/live-purse.ts';
import { pageVisibility } from '../../chain/purse/poller.ts';
import type { PurseKeeper, PurseSnapshot } from '../../chain/purse/purse-keeper.ts';
import { openTonClient, type TonClient } from '../../chain/ton-client.ts';
import type { ConnectedWallet, ConnectOutcome } from '../../chain/tonconnect/outcomes.ts';
import type { ProveOutcome } from '../../chain/tonconnect/prove-address.ts';
import type { WalletSession } from '../../chain/tonconnect/wallet-session.ts';
import { openPurseStore } from '../../store/purses.ts';
import { Approvals } from './approvals.svelte.ts';
import { dialogLook } from './dialog-look.ts';

/** Where TON Connect's SDK keeps its connection; only looked at, to load nothing in vain. */
const CONNECTION_KEY = 'ton-connect-storage_bridge-connection';

export interface WalletDeskParts {
	coordinator: URL;
	info: ChainInfo;
	client: TonClient;
	keeper: PurseKeeper;
}

export type FaucetOutcome = 'granted' | 'too_often' | 'failed';

/** Wallet and purse of a page: what they hold, and what can be done with them. */
export class WalletDesk {
	readonly info: ChainInfo;
	readonly client: TonClient;
	readonly keeper: PurseKeeper;
	/** For whoever pays from it. */
	readonly purse: LivePurse;
	readonly #coordinator: URL;
	#snapshot: PurseSnapshot;
	#wallet = $state.raw<ConnectedWallet | null>(null);
	#isConnecting = $state(false);
	#session: Promise<WalletSession> | null = null;
	readonly #stops: (() => void)[] = [];

	constructor({ coordinator, info, client, keeper }: WalletDeskParts) {
		this.info = info;
		this.client = client;
		this.keeper = keeper;
		const clockOffsetMs = info.now - Date.now();
		this.purse = new LivePurse({ keeper, globalId: info.globalId, clockOffsetMs });
		this.#coordinator = coordinator;
		this.#snapshot = $state.raw(keeper.snapshot);
		this.#stops.push(keeper.onChange((snapshot) => (this.#snapshot = snapshot)));
		this.#stops.push(keeper.start());
	}

	/** Purse, wallet and what is under way, as the chain told last. */
	get snapshot(): PurseSnapshot {
		return this.#snapshot;
	}

	get wallet(): ConnectedWallet | null {
		return this.#wallet;
	}

	/** A dialog of the wallet's is open, or about to be. */
	get isConnecting(): boolean {
		return this.#isConnecting;
	}

	/** What answers can be paid from; `null` without an open purse. */
	get freeNano(): bigint | null {
		const { reading } = this.#snapshot;
		if (reading?.kind !== 'open') return null;
		return reading.freeNano > 0n ? reading.freeNano : 0n;
	}

	/** Whether the purse belongs to the connected wallet: only its owner can take money out. */
	get isOwner(): boolean {
		return this.#wallet !== null && this.#snapshot.purse?.owner === this.#wallet.account;
	}

	/** Connects the wallet of the last visit, if there was one; loads TON Connect only then. */
	async restore(): Promise<void> {
		if (!hasConnection()) return;
		try {
			const session = await this.#open();
			this.#use(await session.restore(), session);
		} catch (error) {
			// Nobody asked for it: whoever wants the wallet presses the button.
			reportError(error);
		}
	}

	async connect(): Promise<ConnectOutcome> {
		return this.#whileConnecting(async (session) => {
			const outcome = await session.connect();
			this.#use(session.wallet, session);
			return outcome;
		});
	}

	/** Connects a wallet and has it prove to the coordinator that its owner is here. */
	async prove(): Promise<ProveOutcome> {
		return this.#whileConnecting(async (session) => {
			const { proveAddress } = await import('../../chain/tonconnect/prove-address.ts');
			const outcome = await proveAddress(session, this.#coordinator, this.info.globalId);
			this.#use(session.wallet, session);
			return outcome;
		});
	}

	async disconnect(): Promise<void> {
		await (await this.#session)?.disconnect();
		this.#use(null, null);
	}

	/** Coins for the connected wallet, where the network gives them away. */
	async askFaucet(): Promise<FaucetOutcome> {
		if (!this.#wallet) return 'failed';
		try {
			await askFaucet(this.#coordinator, this.#wallet.account);
		} catch (error) {
			if (!(error instanceof CoordinatorChainError)) throw error;
			return error.status === 429 ? 'too_often' : 'failed';
		}
		const waitMs = this.info.blockMs + 200;
		setTimeout(() => void this.keeper.refresh(), waitMs);
		return 'granted';
	}

	close(): void {
		for (const stop of this.#stops) stop();
	}

	async #whileConnecting<T>(
		task: (session: WalletSession) => Promise<T>
	): Promise<T | { kind: 'failed'; message: string }> {
		this.#isConnecting = true;
		try {
			return await task(await this.#open());
		} catch (error) {
			return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
		} finally {
			this.#isConnecting = false;
		}
	}

	#open(): Promise<WalletSession> {
		this.#session ??= this.#openSession().catch((error: unknown) => {
			this.#session = null;
			throw error;
		});
		return this.#session;
	}

	async #openSession(): Promise<WalletSession> {
		if (this.info.network === 'devnet') await this.#installDevelopmentWallet();
		const { openWalletSession } = await import('../../chain/tonconnect/open-session.ts');
		const session = await openWalletSession({
			...{ coordinator: this.#coordinator, info: this.info, look: dialogLook }
		});
		this.#stops.push(session.onChange((wallet) => this.#use(wallet, session)));
		return session;
	}

	async #installDevelopmentWallet(): Promise<void> {
		const [{ installDevelopmentWallet }, { default: DevelopmentApproval }] = await Promise.all([
			import('../../chain/development-wallet/install.ts'),
			import('./development-approval.svelte')
		]);
		const approvals = new Approvals();
		const props = { approvals, coin: this.info.coin };
		const dialog = mount(DevelopmentApproval, { target: document.body, props });
		this.#stops.push(() => void unmount(dialog));
		const { client, info } = this;
		await installDevelopmentWallet({ client, network: info, approve: approvals.ask });
	}

	#use(wallet: ConnectedWallet | null, session: WalletSession | null): void {
		if (wallet?.account === this.#wallet?.account) return;
		this.#wallet = wallet;
		const owner = wallet &&
			session && {
				account: wallet.account,
				send: (...given: Parameters<WalletSession['send']>) => session.send(...given)
			};
		void this.keeper.setWallet(owner);
	}
}

function hasConnection(): boolean {
	try {
		return localStorage.getItem(CONNECTION_KEY) !== null;
	} catch {
		return false;
	}
}

/** @throws CoordinatorChainError, or a DOMException where the browser keeps nothing */
export async function openWalletDesk(coordinator: URL): Promise<WalletDesk> {
	const [info, client, store] = await Promise.all([
		fetchChainInfo(coordinator),
		openTonClient(coordinator),
		openPurseStore()
	]);
	// After the client, which brings what TON's code needs while it loads.
	const { PurseKeeper } = await import('../../chain/purse/purse-keeper.ts');
	const keeper = new PurseKeeper({ client, info, store, visibility: pageVisibility });
	const desk = new WalletDesk({ coordinator, info, client, keeper });
	void desk.restore();
	return desk;
}
