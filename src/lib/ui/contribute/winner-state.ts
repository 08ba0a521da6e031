import { m } from '$lib/paraglide/messages';
import type { Explorer } from '../../chain/networks.ts';
import type { StoredWinner } from '../../store/earning-records.ts';

export type RedemptionState = 'stored' | 'sent' | 'failed' | 'seen' | 'paid' | 'expired';

/** How far a winner has come on its way to its owner's wallet. */
export function redemptionState({
	state,
	attempts,
	error
}: Pick<StoredWinner, 'state' | 'attempts' | 'error'>): RedemptionState {
	if (state !== 'open') return state;
	if (error !== null) return 'failed';
	return attempts === 0 ? 'stored' : 'sent';
}

export function redemptionText(winner: Pick<StoredWinner, 'state' | 'attempts' | 'error'>): string {
	switch (redemptionState(winner)) {
		case 'stored':
			return m.winner_stored();
		case 'sent':
			return m.winner_sent();
		case 'failed':
			return m.winner_failed({ message: winner.error ?? '' });
		case 'seen':
			return m.winner_seen();
		case 'paid':
			return winner.error === null ? m.winner_paid() : m.winner_paid_unseen();
		case 'expired':
			return m.winner_expired();
	}
}

/** Where a transaction can be looked up; `null` on a network that nobody else sees. */
export function transactionUrl(explorer: Explorer | null, hash: string): string | null {
	return explorer && /^[0-9a-f]{64}$/.test(hash)
		? explorer.transaction.replace('{hash}', hash)
		: null;
}
