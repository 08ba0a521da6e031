import { m } from '$lib/paraglide/messages';
import type { Code } from '../../protocol/frames.ts';
import type { StoredFailure } from '../../store/chat-records.ts';
import { engineSentence, isEngineFailureKind } from '../engine-sentences.ts';

/** What the reader can do next; the page has a button for each. */
export type NextStep =
	'retry' | 'fetch_again' | 'choose_model' | 'new_chat' | 'settings' | 'contribute' | 'reload';

export interface Explanation {
	sentence: string;
	next: NextStep;
	/** What the engine on this device said. */
	detail?: string;
}

type Explain = (failure: StoredFailure) => Explanation;

const say =
	(sentence: () => string, next: NextStep): Explain =>
	() => ({ sentence: sentence(), next });

const unpaid = say(m.failure_wants_pay, 'choose_model');
const mismatch = say(m.failure_version, 'reload');

const BY_CODE: Record<Code, Explain> = {
	busy: say(m.failure_busy, 'retry'),
	unknown_model: say(m.failure_unknown_model, 'choose_model'),
	unsupported: ({ field }) => ({
		sentence: m.failure_unsupported({ field: field ?? m.failure_unsupported_something() }),
		next: 'settings'
	}),
	too_long: say(m.failure_too_long, 'new_chat'),
	price_changed: unpaid,
	unpaid,
	bad_ticket: unpaid,
	purse_unfit: unpaid,
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

const BY_KIND: Record<string, Explain> = {
	no_contributor: say(m.failure_no_contributor, 'contribute'),
	directory_unreachable: say(m.failure_directory, 'retry'),
	unreachable: say(m.failure_unreachable, 'retry'),
	cheated: say(m.failure_cheated, 'retry'),
	unpaid,
	engine: ({ code, detail }) => ({
		sentence: engineSentence(isEngineFailureKind(code) ? code : 'engine_failed'),
		next: code === 'hash_mismatch' ? 'fetch_again' : 'retry',
		...(detail === undefined ? {} : { detail })
	})
};

const isCode = (code: string | null | undefined): code is Code =>
	typeof code === 'string' && Object.hasOwn(BY_CODE, code);

/** One sentence and one next step. Whatever was stored by another version is explained as a loss. */
export function explainFailure(failure: StoredFailure): Explanation {
	const { kind, code } = failure;
	if ((kind === 'refused' || kind === 'lost') && isCode(code)) return BY_CODE[code](failure);
	const explain = Object.hasOwn(BY_KIND, kind) ? BY_KIND[kind] : undefined;
	return explain ? explain(failure) : BY_CODE.gone(failure);
}
