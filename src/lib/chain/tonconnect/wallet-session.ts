import type { ITonConnect, SendTransactionRequest, Wallet } from '@tonconnect/sdk';
import { parseAccount } from '../account.ts';
import { friendlyAddress } from '../address-text.ts';
import type { WalletMessage } from '../wallet-message.ts';
import {
	connectOutcomeOf,
	sendOutcomeOf,
	type ConnectedWallet,
	type ConnectOutcome,
	type SdkErrors,
	type SendOutcome
} from './outcomes.ts';

/** Time to find a phone and to read. */
const CONNECT_TIMEOUT_MS = 5 * 60_000;

/** What shows people the wallets and begins a connection. */
export interface ConnectDialog {
	/** @param proofPayload what the wallet has to sign, if it has to */
	open(proofPayload: string | null): Promise<void>;
	close(): void;
	/** The person closed it. */
	onClosed(listener: () => void): () => void;
}

export interface WalletSessionParts {
	connector: ITonConnect;
	errors: SdkErrors;
	dialog: ConnectDialog;
	/** Sends through the dialog where that leads people to their phone. */
	sendTransaction(request: SendTransactionRequest): Promise<unknown>;
	/** Of our network. */
	globalId: number;
	isTest: boolean;
	/** Name by the wallet's own id. */
	nameOf(appName: string): string;
}

/** One person's wallet, as TON Connect reaches it. */
export class WalletSession {
	readonly #parts: WalletSessionParts;

	constructor(parts: WalletSessionParts) {
		this.#parts = parts;
		parts.connector.setConnectionNetwork(String(parts.globalId));
	}

	/** `null` while none is connected. */
	get wallet(): ConnectedWallet | null {
		const { wallet } = this.#parts.connector;
		return wallet ? this.#read(wallet) : null;
	}

	/** @returns what stops listening */
	onChange(listener: (wallet: ConnectedWallet | null) => void): () => void {
		return this.#parts.connector.onStatusChange(() => listener(this.wallet));
	}

	/** Connects the wallet of the last visit, if it still knows us. */
	async restore(): Promise<ConnectedWallet | null> {
		await this.#parts.connector.restoreConnection();
		const { wallet } = this;
		if (wallet || !this.#parts.connector.connected) return wallet;
		await this.disconnect();
		return null;
	}

	/** Lets the person choose a wallet, and waits for it. */
	async connect(
		options: { proofPayload?: string; signal?: AbortSignal } = {}
	): Promise<ConnectOutcome> {
		const { dialog } = this.#parts;
		const stopped = new AbortController();
		const outcome = this.#outcome(stopped.signal, options.signal);
		try {
			await dialog.open(options.proofPayload ?? null);
			return await outcome;
		} catch (error) {
			return connectOutcomeOf(error, this.#parts.errors);
		} finally {
			stopped.abort();
			dialog.close();
		}
	}

	/** @param validUntil Unix seconds by the chain's clock: later the wallet's message holds no more */
	async send(
		messages: readonly WalletMessage[],
		validUntil: number,
		signal: AbortSignal
	): Promise<SendOutcome> {
		const { globalId, errors, sendTransaction } = this.#parts;
		const request = { validUntil, network: String(globalId), messages: [...messages] };
		try {
			await untilAborted(sendTransaction(request), signal);
			return { kind: 'sent' };
		} catch (error) {
			if (signal.aborted)
				return { kind: 'uncertain', message: 'the wallet did not answer in time' };
			return sendOutcomeOf(error, errors);
		}
	}

	async disconnect(): Promise<void> {
		const { connector } = this.#parts;
		if (connector.connected) await connector.disconnect();
	}

	/** Whichever comes first: a wallet, a refusal, the person closing the dialog, or the deadline. */
	#outcome(done: AbortSignal, given: AbortSignal | undefined): Promise<ConnectOutcome> {
		const { connector, errors, dialog } = this.#parts;
		return new Promise((resolve) => {
			const stops = [
				connector.onStatusChange(
					(wallet) => {
						if (wallet) void this.#accept(wallet).then(resolve);
					},
					(error) => resolve(connectOutcomeOf(error, errors))
				),
				dialog.onClosed(() => {
					if (!connector.connected) resolve({ kind: 'cancelled' });
				})
			];
			const deadline = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
			deadline.addEventListener('abort', () => resolve({ kind: 'timeout' }), { signal: done });
			given?.addEventListener('abort', () => resolve({ kind: 'cancelled' }), { signal: done });
			done.addEventListener('abort', () => stops.forEach((stop) => stop()));
		});
	}

	/** Purses pay and are owned in workchain 0 alone. */
	async #accept(connected: Wallet): Promise<ConnectOutcome> {
		const wallet = this.#read(connected);
		if (wallet) return { kind: 'connected', wallet };
		await this.disconnect();
		return { kind: 'unsupported' };
	}

	#read({ account, device, provider, connectItems }: Wallet): ConnectedWallet | null {
		const parsed = parseAccount(account.address.toLowerCase());
		if (!parsed || account.chain !== String(this.#parts.globalId)) return null;
		const proof = connectItems?.tonProof;
		return {
			account: parsed,
			address: friendlyAddress(parsed, { isBounceable: false, isTest: this.#parts.isTest }),
			name: this.#parts.nameOf(device.appName),
			isInBrowser: provider === 'injected',
			stateInit: account.walletStateInit || null,
			proof: proof && 'proof' in proof ? proof.proof : null
		};
	}
}

/** Wallets in the browser know no way to be given up on. */
function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
	return new Promise((resolve, reject) => {
		signal.addEventListener('abort', () => reject(new Error('gave up waiting')), { once: true });
		promise.then(resolve, reject);
	});
}
