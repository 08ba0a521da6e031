import { m } from '$lib/paraglide/messages';
import { purseRefusal } from '../../chain/contracts/refusals.ts';
import { NETWORKS } from '../../chain/networks.ts';
import type { AskOutcome } from '../../chain/purse/purse-operations.ts';
import type { ConnectOutcome } from '../../chain/tonconnect/outcomes.ts';

/** What to tell somebody of a wallet's answer: what happened, and the next step. */
export interface Explained {
	/** A refusal by the person is no error. */
	isError: boolean;
	text: string;
}

export type Outcome = AskOutcome | Exclude<ConnectOutcome, { kind: 'connected' }>;

const quiet = (text: string): Explained => ({ isError: false, text });
const loud = (text: string): Explained => ({ isError: true, text });

/** `null` where the page shows what happened anyway. */
export function explainOutcome(outcome: Outcome): Explained | null {
	switch (outcome.kind) {
		case 'sent':
			return null;
		case 'cancelled':
			return quiet(m.wallet_cancelled());
		case 'wrong_network':
			return loud(
				m.wallet_wrong_network({
					expected: networkName(outcome.expected),
					found: networkName(outcome.found)
				})
			);
		case 'unsupported':
			return loud(m.wallet_unsupported());
		case 'timeout':
			return loud(m.wallet_timeout());
		case 'uncertain':
			return loud(m.wallet_uncertain());
		case 'failed':
			return loud(m.wallet_failed({ message: outcome.message }));
		case 'no_wallet':
			return loud(m.wallet_none());
		case 'busy':
			return loud(m.wallet_busy());
		case 'not_ready':
			return loud(m.wallet_not_ready());
	}
}

function networkName(globalId: string): string {
	const network = Object.values(NETWORKS).find((one) => String(one.globalId) === globalId);
	return network?.name ?? globalId;
}

/** Why a purse refused, and what to do. */
export function explainRefusal(exitCode: number | null): string {
	switch (exitCode === null ? null : purseRefusal(exitCode)?.kind) {
		case 'notOwner':
			return m.purse_refused_not_owner();
		case 'notEnoughFree':
			return m.purse_refused_not_enough();
		case 'reserveLocked':
			return m.purse_refused_locked();
		case 'idsStillValid':
			return m.purse_refused_tickets();
		default:
			return m.purse_refused({ code: exitCode ?? '?' });
	}
}
