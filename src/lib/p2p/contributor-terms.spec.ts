import { describe, expect, it } from 'vitest';
import { MODEL } from '../../../tests/support/memory-contributor.ts';
import type { Offer } from '../protocol/offer.ts';
import { changedTerm, offeredTerms, type ContributorTerms } from './contributor-terms.ts';
import type { ContributorPayments } from './payments.ts';

const TODAY = 1_795_651_199;
const payments = (changes: Partial<ContributorPayments['terms']> = {}, expires = TODAY) =>
	({
		terms: { network: -217, payout: `0:${'ab'.repeat(32)}`, faceValues: ['20'], ...changes },
		ticketExpires: () => expires,
		open: () => Promise.reject(new Error('not here'))
	}) satisfies ContributorPayments;
const terms = (changes: object = {}): ContributorTerms => ({
	...{ jobs: 'both', promptPrice: '1', completionPrice: '2', payments: payments() },
	...changes
});
const sent = (now: ContributorTerms) => ({
	offer: { ...offeredTerms(MODEL, now) } as Offer,
	expires: TODAY
});

describe('terms of a link', () => {
	it('hold while nothing changed', () => {
		expect(changedTerm(sent(terms()), 'purse', terms())).toBeNull();
		expect(changedTerm(sent(terms()), 'free', terms())).toBeNull();
		expect(changedTerm(sent({ jobs: 'free' }), 'free', { jobs: 'free' })).toBeNull();
	});

	it.each<[string, object]>([
		['promptPrice', { promptPrice: '2' }],
		['completionPrice', { completionPrice: '1' }],
		['paid', { payments: payments({ payout: `0:${'cd'.repeat(32)}` }) }],
		['paid', { payments: payments({ faceValues: ['20', '30'] }) }],
		['expires', { payments: payments({}, TODAY + 86_400) }],
		['jobs', { jobs: 'free' }]
	])('no longer hold for a paid job when %s is another: %j', (field, changes) => {
		const now = terms(changes);
		expect(changedTerm(sent(terms()), 'purse', now.jobs === 'free' ? { jobs: 'free' } : now)).toBe(
			field
		);
	});

	it('hold for a free job until only paid ones are taken', () => {
		expect(changedTerm(sent(terms()), 'free', terms({ promptPrice: '9' }))).toBeNull();
		expect(changedTerm(sent(terms()), 'free', terms({ jobs: 'paid' }))).toBe('jobs');
	});
});

describe('an offer', () => {
	it('has the prices and where to pay, and of a free one nothing of it', () => {
		expect(offeredTerms(MODEL, terms())).toEqual({
			models: [{ ...MODEL, promptPrice: '1', completionPrice: '2' }],
			jobs: 'both',
			paid: payments().terms
		});
		expect(offeredTerms(MODEL, { jobs: 'free' })).toEqual({ models: [MODEL], jobs: 'free' });
	});
});
