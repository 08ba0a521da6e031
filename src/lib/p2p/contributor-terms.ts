import { toBase64Url, type Bytes } from '../protocol/bytes.ts';
import { OFFER_TTL_MS, type Offer, type OfferedModel } from '../protocol/offer.ts';
import type { ContributorPayments } from './payments.ts';

/** Which jobs a contributor takes. Prices are nano per million tokens, as offers have them. */
export type ContributorTerms = { jobs: 'free' } | PaidJobs;

export interface PaidJobs {
	/** With `both`, a free job waits while a paid one does. */
	jobs: 'paid' | 'both';
	promptPrice: string;
	completionPrice: string;
	payments: ContributorPayments;
}

/** What an offer says of them. */
export function offeredTerms(
	model: OfferedModel,
	terms: ContributorTerms
): Pick<Offer, 'models' | 'jobs' | 'paid'> {
	if (terms.jobs === 'free') return { models: [model], jobs: 'free' };
	const { jobs, promptPrice, completionPrice, payments } = terms;
	return {
		models: [{ ...model, promptPrice, completionPrice }],
		jobs,
		paid: payments.terms
	};
}

export function makeOffer(
	key: Bytes,
	model: OfferedModel,
	terms: ContributorTerms,
	now: Pick<Offer, 'slots' | 'waitMs' | 'issued'>
): Offer {
	return {
		v: 1,
		key: toBase64Url(key),
		...offeredTerms(model, terms),
		...now,
		features: [],
		limits: { maxTokens: model.contextTokens },
		expires: now.issued + OFFER_TTL_MS
	};
}

/**
 * The field in which the terms of a link differ from what the contributor wants now, if there is one.
 * A requester that dials again learns the new ones.
 *
 * @param sent what the link's terms said
 */
export function changedTerm(
	sent: { offer: Offer; expires: number },
	pay: 'free' | 'purse',
	now: ContributorTerms
): string | null {
	if (pay === 'free') return now.jobs === 'paid' ? 'jobs' : null;
	if (now.jobs === 'free') return 'jobs';
	const [model] = sent.offer.models;
	for (const field of ['promptPrice', 'completionPrice'] as const) {
		if (model?.[field] !== now[field]) return field;
	}
	const { terms } = now.payments;
	if (JSON.stringify(sent.offer.paid) !== JSON.stringify(terms)) return 'paid';
	// Midnight has passed: tickets would expire a day too soon.
	return sent.expires === now.payments.ticketExpires() ? null : 'expires';
}
