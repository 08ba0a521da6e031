/** Joins the purse to the chat. Loaded when somebody who chose to pay asks something. */
import { within } from '../../chain/deadline.ts';
import { PursePayments, type Budgets } from '../../chain/purse-payments.ts';
import { signerLock } from '../../chain/signer-lock.ts';
import { SpendingStore } from '../../store/spending.ts';
import type { PayingTime } from '../chat/paying-asker.ts';
import type { WalletDesk } from './wallet-desk.svelte.ts';

/** How long a question waits to learn whether there is a purse, when the page has just been opened. */
const READING_TIMEOUT_MS = 3_000;
/** No ticket is asked for again so late. */
const KEEP_TICKETS_MS = 2 * 86_400_000;
/** After an answer its winners arrive on the chain within a few blocks. */
const BLOCKS_AFTERWARDS = 3;

export class AnswerPayer {
	readonly #desk: WalletDesk;
	readonly #budgets: () => Budgets;
	#store: Promise<SpendingStore> | null = null;
	#made: PursePayments | null = null;
	#purse: string | null = null;

	/** @param budgets what the person allows right now */
	constructor(desk: WalletDesk, budgets: () => Budgets) {
		this.#desk = desk;
		this.#budgets = budgets;
	}

	/** `null` while no purse is open. @throws DOMException where the browser keeps no IndexedDB */
	async begin(): Promise<PayingTime | null> {
		const { purse, keeper, info } = this.#desk;
		// An open purse is known already: nobody waits for the chain then.
		if (!purse.view()) {
			await within(keeper.refresh(), READING_TIMEOUT_MS, 'the purse').catch(() => {});
		}
		const payments = await this.#payments();
		if (!payments) return null;
		const endStream = await purse.begin();
		const end = () => {
			endStream();
			void keeper.refresh();
			setTimeout(() => void keeper.refresh(), BLOCKS_AFTERWARDS * info.blockMs);
		};
		return { payments, end };
	}

	async #payments(): Promise<PursePayments | null> {
		const live = this.#desk.purse;
		const [account, session] = [live.view()?.purse, live.session];
		if (!account || !session) return null;
		if (this.#made && this.#purse === account) return this.#made;
		const store = await this.#openStore();
		this.#purse = account;
		this.#made = new PursePayments({
			// Another purse has another key.
			view: () => {
				const view = live.view();
				return view?.purse === account ? view : null;
			},
			...{ session, store, budgets: this.#budgets, nowMs: live.nowMs },
			lock: signerLock(account)
		});
		return this.#made;
	}

	#openStore(): Promise<SpendingStore> {
		this.#store ??= SpendingStore.open().then(async (store) => {
			await store.forgetBefore(Date.now() - KEEP_TICKETS_MS);
			return store;
		});
		return this.#store;
	}
}
