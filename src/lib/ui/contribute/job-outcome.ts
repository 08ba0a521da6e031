import { m } from '$lib/paraglide/messages';
import type { FinishedJob } from '../../p2p/contributor-events.ts';

/** How a job ended, in a word or two. */
export function outcomeText(outcome: FinishedJob['outcome']): string {
	if (outcome.kind === 'finished') {
		return outcome.finish === 'cancelled' ? m.outcome_cancelled() : m.outcome_finished();
	}
	switch (outcome.code) {
		case 'engine_lost':
			return m.outcome_engine_lost();
		case 'too_long':
		case 'unsupported':
			return m.outcome_refused();
		case 'unpaid':
		case 'bad_ticket':
		case 'purse_unfit':
			return m.outcome_unpaid();
		case 'draining':
			return m.outcome_stopped_here();
		case 'cancelled':
			return m.outcome_cancelled();
		default:
			return m.outcome_requester_gone();
	}
}
