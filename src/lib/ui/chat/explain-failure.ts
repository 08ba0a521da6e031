import { m } from '$lib/paraglide/messages';
import type { PayRefusal } from '../../p2p/payments.ts';
import type { Code } from '../../protocol/frames.ts';
import type { StoredFailure } from '../../store/chat-records.ts';
import { engineSentence, isEngineFailureKind } from '../engine-sentences.ts';

/** What the reader can do next; the page has a button for each. */
export type NextStep =
	| 'retry'
	| 'fetch_again'
	| 'choose_model'
	| 'new_chat'
	| 'settings'
	| 'contribute'
	| 'reload'
	| 'wallet'
	| 'pay_more';

export interface Explanation {
	sentence: string;
	next: NextStep;
	/** What the engine on this device said. */
	detail?: string;
}

/** Writes an amount. */
export type Coins = (nano: bigint) => string;
type Explain = (failure: StoredFailure, coins: Coins) => Explanation;

const say =
	(sentence: () => string, next: NextStep): Explain =>
	() => ({ sentence: sentence(), next });

const mismatch = say(m.failure_version, 'reload');

const BY_CODE: Record<Code, Explain> = {
	busy: say(m.failure_busy, 'retry'),
	unknown_model: say(m.failure_unknown_model, 'choose_model'),
	unsupported: ({ field }) => ({
		sentence: m.failure_unsupported({ field: field ?? m.failure_unsupported_something() }),
		next: 'settings'
	}),
	too_long: say(m.failure_too_long, 'new_chat'),
	price_changed: say(m.failure_price_changed, 'retry'),
	unpaid: say(m.failure_no_ticket, 'retry'),
	bad_ticket: say(m.failure_bad_ticket, 'retry'),
	purse_unfit: say(m.failure_purse_unfit, 'wallet'),
	cancelled: say(m.failure_cancelled, 'retry'),
	engine_lost: say(m.failure_engine_lost, 'retry'),
	overloaded: say(m.failure_overloaded, 'retry'),
	draining: say(m.failure_draining, 'retry'),
	not_allowed: say(m.failure_not_allowed, 'choose_model'),
	bad_proof: mismatch,
	version: mismatch,
	protocol: mismatch,
	timeout: say(m.failure_timeout, 'retry'),
	gone: say(m.failure_gone, 'retry')
};

/** Why the page itself does not pay, or not any further. */
const BY_REFUSAL: Record<PayRefusal['kind'], Explain> = {
	no_purse: say(m.unpaid_no_purse, 'wallet'),
	network: say(m.unpaid_network, 'choose_model'),
	unlocking: say(m.unpaid_unlocking, 'wallet'),
	reserve_low: say(m.unpaid_reserve_low, 'choose_model'),
	purse_low: ({ neededNano = 0n }, coins) => ({
		sentence: m.unpaid_purse_low({ needed: coins(neededNano) }),
		next: 'wallet'
	}),
	answer_limit: ({ limitNano = 0n }, coins) => ({
		sentence: m.unpaid_answer_limit({ limit: coins(limitNano) }),
		next: 'pay_more'
	}),
	day_limit: ({ limitNano = 0n }, coins) => ({
		sentence: m.unpaid_day_limit({ limit: coins(limitNano) }),
		next: 'wallet'
	}),
	too_many_jobs: say(m.unpaid_too_many, 'retry'),
	terms: say(m.unpaid_terms, 'retry'),
	thin_text: say(m.unpaid_thin_text, 'retry'),
	failed: say(m.unpaid_failed, 'retry')
};

const isRefusal = (code: string | null | undefined): code is PayRefusal['kind'] =>
	typeof code === 'string' && Object.hasOwn(BY_REFUSAL, code);

const BY_KIND: Record<string, Explain> = {
	no_contributor: say(m.failure_no_contributor, 'contribute'),
	directory_unreachable: say(m.failure_directory, 'retry'),
	unreachable: say(m.failure_unreachable, 'retry'),
	cheated: say(m.failure_cheated, 'retry'),
	unpaid: (failure, coins) =>
		BY_REFUSAL[isRefusal(failure.code) ? failure.code : 'no_purse'](failure, coins),
	engine: ({ code, detail }) => ({
		sentence: engineSentence(isEngineFailureKind(code) ? code : 'engine_failed'),
		next: code === 'hash_mismatch' ? 'fetch_again' : 'retry',
		...(detail === undefined ? {} : { detail })
	})
};

const isCode = (code: string | null | undefined): code is Code =>
	typeof code === 'string' && Object.hasOwn(BY_CODE, code);

/** One sentence and one next step. Whatever was stored by another version is explained as a loss. */
export function explainFailure(failure: StoredFailure, coins: Coins): Explanation {
	const { kind, code } = failure;
	if ((kind === 'refused' || kind === 'lost') && isCode(code)) return BY_CODE[code](failure, coins);
	const explain = Object.hasOwn(BY_KIND, kind) ? BY_KIND[kind] : undefined;
	return explain ? explain(failure, coins) : BY_CODE.gone(failure, coins);
}

/** What going on where payment stopped may cost: as much again, and twice that where nothing came yet. */
export function nextLimitNano({ neededNano = 0n }: StoredFailure, text: string): bigint {
	return text === '' ? 2n * neededNano : neededNano;
}
