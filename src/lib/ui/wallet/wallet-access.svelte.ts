import { createContext } from 'svelte';
import {
	DEFAULT_PAY_SETTINGS,
	loadPaySettings,
	savePaySettings,
	type PaySettings
} from '../../store/pay-settings.ts';
import type { PayingTime } from '../chat/paying-asker.ts';
import type { AnswerPayer } from './answer-payer.ts';
import type { WalletDesk } from './wallet-desk.svelte.ts';

/**
 * The light twin of the wallet: what a page needs to know before, and without, loading any of its code.
 */
export class WalletAccess {
	#settings = $state.raw<PaySettings>(DEFAULT_PAY_SETTINGS);
	#desk = $state.raw<WalletDesk | null>(null);
	#state = $state<'idle' | 'loading' | 'failed'>('idle');
	#isDialogOpen = $state(false);
	#opening: Promise<WalletDesk | null> | null = null;
	#payer: Promise<AnswerPayer> | null = null;
	#isStopped = false;

	get settings(): PaySettings {
		return this.#settings;
	}

	/** Everything about wallet and purse; `null` until somebody asked for it. */
	get desk(): WalletDesk | null {
		return this.#desk;
	}

	get state(): 'idle' | 'loading' | 'failed' {
		return this.#state;
	}

	/** Whether the dialog of wallet and purse is open. */
	get isDialogOpen(): boolean {
		return this.#isDialogOpen;
	}

	/** Loads what there is to load, and opens the dialog. */
	async openDialog(): Promise<void> {
		this.#isDialogOpen = (await this.load()) !== null;
	}

	closeDialog(): void {
		this.#isDialogOpen = false;
	}

	/** Reads what was chosen before; loads the wallet only for who chose to pay. */
	start(): () => void {
		this.#isStopped = false;
		this.#settings = loadPaySettings();
		// Limits bind over all tabs, so what another one changed counts here at once.
		const reload = () => (this.#settings = loadPaySettings());
		addEventListener('storage', reload);
		if (this.#settings.choice === 'both') void this.load();
		return () => {
			this.#isStopped = true;
			removeEventListener('storage', reload);
			this.#payer = null;
			this.#desk?.close();
			this.#desk = null;
			this.#opening = null;
		};
	}

	change(part: Partial<PaySettings>): void {
		this.#settings = { ...this.#settings, ...part };
		savePaySettings(this.#settings);
	}

	/**
	 * An answer is about to be paid; `null` where the person pays for nothing or has no open purse, and where
	 * the wallet cannot be loaded: free answers go on without it.
	 */
	async beginPaying(): Promise<PayingTime | null> {
		if (this.#settings.choice === 'free') return null;
		const desk = await this.load();
		if (!desk) return null;
		this.#payer ??= import('./answer-payer.ts').then(({ AnswerPayer }) => {
			const budgets = () => ({
				answerNano: this.#settings.answerLimitNano,
				dayNano: this.#settings.dayLimitNano
			});
			return new AnswerPayer(desk, budgets);
		});
		try {
			return await (await this.#payer).begin();
		} catch (error) {
			reportError(error);
			this.#payer = null;
			return null;
		}
	}

	/** Loads wallet and purse, once; `null` where that fails. */
	load(): Promise<WalletDesk | null> {
		this.#opening ??= this.#open();
		return this.#opening;
	}

	async #open(): Promise<WalletDesk | null> {
		this.#state = 'loading';
		try {
			const desk = await loadDesk();
			if (this.#isStopped) desk.close();
			else this.#desk = desk;
			this.#state = 'idle';
			return this.#desk;
		} catch (error) {
			// The page says so and offers to try again; the reason is for whoever looks into it.
			reportError(error);
			this.#state = 'failed';
			this.#opening = null;
			return null;
		}
	}
}

async function loadDesk(): Promise<WalletDesk> {
	const { openWalletDesk } = await import('./wallet-desk.svelte.ts');
	return openWalletDesk(new URL(location.origin));
}

export const [getWalletAccess, setWalletAccess] = createContext<WalletAccess>();
