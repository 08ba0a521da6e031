/** The steps by which a receipt is verified, in their order, and what one of them can find. */
import type { Evidence } from '../evidence.ts';
import type { SentenceCode, SentenceValues } from './sentences.ts';

export const STEP_NAMES = ['signature', 'text', 'entry', 'head', 'anchor', 'model'] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** `open`: neither shown nor refuted, because something to check it with is missing. */
export type StepOutcome = 'holds' | 'fails' | 'open';

export interface Step {
	name: StepName;
	outcome: StepOutcome;
	/** What was found; `sentenceOf` says it in English, pages in other languages. */
	code: SentenceCode;
	values: SentenceValues;
	/** What proves that the log lies. */
	evidence?: Evidence;
}

const step =
	(outcome: StepOutcome) =>
	(name: StepName, code: SentenceCode, values: SentenceValues = {}, evidence?: Evidence): Step => ({
		name,
		outcome,
		code,
		values,
		...(evidence ? { evidence } : {})
	});

export const holds = step('holds');
export const fails = step('fails');
export const open = step('open');

/** The outcome of several steps: one that fails decides, then one that is open. */
export function overall(steps: readonly Step[]): StepOutcome {
	const outcomes = new Set(steps.map(({ outcome }) => outcome));
	if (outcomes.has('fails')) return 'fails';
	return outcomes.has('open') || steps.length === 0 ? 'open' : 'holds';
}
