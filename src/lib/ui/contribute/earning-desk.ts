/** All that being paid takes. Loads TON's code: import it when somebody wants pay, or has some to come. */
import { fetchChainInfo } from '../../chain/coordinator-chain.ts';
import { coordinatorOutbox } from '../../chain/coordinator-outbox.ts';
import { openPurses } from '../../chain/open-purses.ts';
import { failedSignatureVectors } from '../../chain/signature-self-test.ts';
import { Redeemer } from '../../chain/redeemer.ts';
import { TicketIncome } from '../../chain/ticket-income.ts';
import type { ContributorPayments } from '../../p2p/payments.ts';
import type { EarningsStore } from '../../store/earnings.ts';
import { loadLastingSecret } from '../../store/payment-keys.ts';
import type { EarningDesk } from './earning.svelte.ts';
import { Redeeming } from './redeeming.ts';

/** @throws where the coordinator does not answer, the browser keeps no keys, or checks signatures otherwise */
export async function openEarningDesk(
	coordinator: URL,
	store: EarningsStore,
	onChange: () => void
): Promise<EarningDesk> {
	const [info, port, lastingSecret, failed] = await Promise.all([
		fetchChainInfo(coordinator),
		openPurses(coordinator),
		loadLastingSecret(),
		failedSignatureVectors()
	]);
	// Tickets could be taken that no purse pays.
	if (failed.length > 0) throw new Error(`Ed25519: expected TVM's rules, found ${failed[0]}`);
	const offsetMs = info.now - Date.now();
	const nowMs = () => Date.now() + offsetMs;
	const network = info.globalId;
	const outbox = coordinatorOutbox(coordinator);
	const redeeming = new Redeeming({
		makeRedeemer: () => new Redeemer({ port, outbox, store, nowMs, network, onChange })
	});
	return {
		redeeming,
		payments: ({ payout, faceValues }): ContributorPayments =>
			new TicketIncome({
				terms: { network, payout, faceValues },
				...{ port, store, winners: redeeming, lastingSecret, nowMs }
			}),
		close: () => redeeming.close()
	};
}
