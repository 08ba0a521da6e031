import type { Catalogue } from '../../models/model-entry.ts';
import { verifyEntry, type VerifiedEntry } from '../../protocol/log-entry.ts';
import type { Logged, PartEvidence } from '../../protocol/part-evidence.ts';
import { checkAnchor } from './check-anchor.ts';
import { checkEntry, checkHead } from './check-log.ts';
import { checkModel } from './check-model.ts';
import { checkText, jobOf, type PartPlace } from './check-text.ts';
import type { LogChecks } from './log-checks.ts';
import { fails, holds, open, STEP_NAMES, type Step, type StepName } from './steps.ts';

/** A receipt or record with what else there is of it. */
export interface Claim {
	/** The receipt or record itself. */
	entry: string;
	/** The words and what they were signed with; `null` for a receipt alone. */
	part: PartEvidence | null;
	place: PartPlace;
	logged: Logged | null;
}

export interface VerifyContext {
	/** `null` without a network. */
	checks: LogChecks | null;
	catalogue: Catalogue | null;
	/** Told each step as it is done. */
	onStep?: (step: Step) => void;
}

export const NOWHERE: PartPlace = { question: null, before: null };

/**
 * Verifies a receipt step by step. What one step cannot find does not keep the next from being
 * tried, but without a valid signature there is nothing to look at.
 */
export async function verifyClaim(claim: Claim, context: VerifyContext): Promise<Step[]> {
	const steps: Step[] = [];
	const done = (step: Step) => {
		steps.push(step);
		context.onStep?.(step);
		return step;
	};
	const verified = await verifyEntry(claim.entry);
	if (!verified.ok) {
		done(fails('signature', 'signature_fails', { reason: verified.reason }));
		for (const name of STEP_NAMES.slice(1)) done(unsigned(name));
		return steps;
	}
	const entry = verified.value;
	const { checks, catalogue } = context;
	done(holds('signature', `signature_${entry.kind}`, { peer: entry.peer }));
	const text = done(
		claim.part ? await checkText(entry, claim.part, claim.place) : open('text', 'text_absent')
	);
	const { step, place } = await checkEntry(entry, claim.logged, checks);
	done(step);
	done(await checkHead(place, checks));
	done(await checkAnchor(place, checks));
	done(
		await checkModel(answeredBy(entry, text.outcome === 'fails' ? null : claim.part), catalogue)
	);
	return steps;
}

/** A record names no model, but the job that its signature covers does. */
function answeredBy(entry: VerifiedEntry, part: PartEvidence | null) {
	return entry.kind === 'receipt' ? entry.receipt : part && jobOf(part);
}

const REASON = { reason: 'the signature does not hold' };
const UNSIGNED: Record<Exclude<StepName, 'signature'>, Step> = {
	text: open('text', 'text_absent'),
	entry: open('entry', 'entry_open', REASON),
	head: open('head', 'head_open', REASON),
	anchor: open('anchor', 'anchor_open', REASON),
	model: open('model', 'model_open', REASON)
};
const unsigned = (name: StepName): Step => UNSIGNED[name === 'signature' ? 'text' : name];
