import { pricesOf, type Prices } from '../protocol/amounts.ts';
import type { Offer } from '../protocol/offer.ts';

/** Whom a question is for. */
export interface Wanted {
	model: string;
	/** Only these files of the model. */
	digest?: string;
	/** Only contributors that take such jobs; either kind if absent, as for going on with a job. */
	jobs?: 'free' | 'paid';
	/** The most that a paid job may be charged. */
	ceiling?: Prices;
}

/** Whether an offer has the model, takes such jobs and asks no more for them. */
export function offerFits(offer: Offer, { model, digest, jobs, ceiling }: Wanted): boolean {
	if (jobs !== undefined && offer.jobs !== jobs && offer.jobs !== 'both') return false;
	const offered = offer.models.find(
		(each) => each.id === model && (digest === undefined || each.digest === digest)
	);
	if (!offered) return false;
	if (jobs !== 'paid' || ceiling === undefined) return true;
	const { promptNano, completionNano } = pricesOf(offered);
	return promptNano <= ceiling.promptNano && completionNano <= ceiling.completionNano;
}
