/** The real parts of earning. Storage is light and loads with the page, a chain's code when it is needed. */
import { m } from '$lib/paraglide/messages';
import type { WalletDesk } from '../wallet/wallet-desk.svelte.ts';
import type { EarningParts } from './earning.svelte.ts';

let wallet: Promise<WalletDesk> | undefined;

/** One a page: the development wallet asks through the desk that installed it. */
function walletDesk(): Promise<WalletDesk> {
	wallet ??= import('../wallet/wallet-desk.svelte.ts')
		.then(({ openWalletDesk }) => openWalletDesk(new URL(location.origin)))
		.catch((error: unknown) => {
			wallet = undefined;
			throw error;
		});
	return wallet;
}

export const earningParts: EarningParts = {
	async openStore() {
		const { EarningsStore } = await import('../../store/earnings.ts');
		return EarningsStore.open();
	},

	async openDesk(store, onChange) {
		const { openEarningDesk } = await import('./earning-desk.ts');
		return openEarningDesk(new URL(location.origin), store, onChange);
	},

	async prove() {
		try {
			const [desk, { explainOutcome }] = await Promise.all([
				walletDesk(),
				import('../wallet/explain-outcome.ts')
			]);
			const outcome = await desk.prove();
			if (outcome.kind === 'proven') return { ok: true, account: outcome.account };
			if (outcome.kind === 'not_proven') {
				const text = m.payout_not_proven({ message: outcome.message });
				return { ok: false, isError: true, text };
			}
			return { ok: false, ...(explainOutcome(outcome) ?? { isError: false, text: '' }) };
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			return { ok: false, isError: true, text: m.payout_no_wallet({ message }) };
		}
	}
};
