import { m } from '$lib/paraglide/messages';
import { REASONS, type Reason } from '../../log/verify/reasons.ts';
import { stamp, type SentenceCode, type SentenceValues } from '../../log/verify/sentences.ts';
import type { StepName, StepOutcome } from '../../log/verify/steps.ts';

const REASON_TEXTS: Record<Reason, () => string> = {
	[REASONS.offline]: m.reason_offline,
	[REASONS.noPlace]: m.reason_no_place,
	[REASONS.unreachable]: m.reason_unreachable,
	[REASONS.unsigned]: m.reason_unsigned,
	[REASONS.unnamed]: m.reason_unnamed,
	[REASONS.noCatalogue]: m.reason_no_catalogue
};

/** A reason in the page's language, where it is one of ours; the coordinator's words stay as they are. */
function reasonText(reason: unknown): string {
	const text = String(reason);
	return Object.hasOwn(REASON_TEXTS, text) ? REASON_TEXTS[text as Reason]() : text;
}

type Sentence = (values: Required<Record<string, string>>) => string;
const sentence = <T>(say: (values: T) => string): Sentence => say as unknown as Sentence;

const SENTENCES: Record<SentenceCode, Sentence> = {
	signature_receipt: sentence(m.said_signature_receipt),
	signature_record: sentence(m.said_signature_record),
	signature_fails: sentence(m.said_signature_fails),
	text_holds: sentence(m.said_text_holds),
	text_partly: sentence(m.said_text_partly),
	text_absent: sentence(m.said_text_absent),
	text_malformed: sentence(m.said_text_malformed),
	text_question_differs: sentence(m.said_text_question_differs),
	text_answer_differs: sentence(m.said_text_answer_differs),
	text_words_differ: sentence(m.said_text_words_differ),
	text_job_differs: sentence(m.said_text_job_differs),
	text_shown_differs: sentence(m.said_text_shown_differs),
	text_link_differs: sentence(m.said_text_link_differs),
	text_rest: sentence(m.said_text_rest),
	entry_holds: sentence(m.said_entry_holds),
	entry_fails: sentence(m.said_entry_fails),
	entry_unknown: sentence(m.said_entry_unknown),
	entry_hidden: sentence(m.said_entry_hidden),
	entry_backdated: sentence(m.said_entry_backdated),
	entry_open: sentence(m.said_entry_open),
	head_holds: sentence(m.said_head_holds),
	head_fork: sentence(m.said_head_fork),
	head_rewritten: sentence(m.said_head_rewritten),
	head_backdated: sentence(m.said_head_backdated),
	head_other_key: sentence(m.said_head_other_key),
	head_other_log: sentence(m.said_head_other_log),
	head_open: sentence(m.said_head_open),
	anchor_holds: sentence(m.said_anchor_holds),
	anchor_unconfirmed: sentence(m.said_anchor_unconfirmed),
	anchor_not_on_chain: sentence(m.said_anchor_not_on_chain),
	anchor_contradicts: sentence(m.said_anchor_contradicts),
	anchor_not_yet: sentence(m.said_anchor_not_yet),
	anchor_none: sentence(m.said_anchor_none),
	anchor_open: sentence(m.said_anchor_open),
	model_holds: sentence(m.said_model_holds),
	model_fails: sentence(m.said_model_fails),
	model_unpinned: sentence(m.said_model_unpinned),
	model_unknown: sentence(m.said_model_unknown),
	model_open: sentence(m.said_model_open)
};

const TIMES = new Set(['time', 'at']);

/** What a step found, in the page's language. */
export function stepSentence({
	code,
	values
}: {
	code: SentenceCode;
	values: SentenceValues;
}): string {
	const shown = Object.entries(values).map(([name, value]): [string, string] => {
		if (TIMES.has(name)) return ['at', stamp(value)];
		return [name, name === 'reason' ? reasonText(value) : String(value)];
	});
	return SENTENCES[code](Object.fromEntries(shown));
}

export const stepTitles: Record<StepName, { name: () => string; question: () => string }> = {
	signature: { name: m.verify_step_signature, question: m.verify_about_signature },
	text: { name: m.verify_step_text, question: m.verify_about_text },
	entry: { name: m.verify_step_entry, question: m.verify_about_entry },
	head: { name: m.verify_step_head, question: m.verify_about_head },
	anchor: { name: m.verify_step_anchor, question: m.verify_about_anchor },
	model: { name: m.verify_step_model, question: m.verify_about_model }
};

export const outcomeNames: Record<StepOutcome, () => string> = {
	holds: m.verify_state_holds,
	fails: m.verify_state_fails,
	open: m.verify_state_open
};

export const overallSentences: Record<StepOutcome, () => string> = {
	holds: m.verify_all_hold,
	fails: m.verify_something_fails,
	open: m.verify_some_open
};
