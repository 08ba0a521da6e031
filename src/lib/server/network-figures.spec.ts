import { expect, it } from 'vitest';
import type { Offer, VerifiedOffer } from '../protocol/offer.ts';
import { modelFigures } from './network-figures.ts';
import { newKey, offerOf } from './testing/offers.ts';

async function offerWith(
	slots: number,
	models: [id: string, tokensPerSecond: number, price: string][],
	jobs: Offer['jobs'] = 'both'
): Promise<VerifiedOffer> {
	const key = await newKey();
	const base = offerOf(key);
	const [model] = base.models;
	if (!model) throw new Error('no model');
	const offer = {
		...base,
		slots,
		jobs,
		models: models.map(([id, tokensPerSecond, price]) => ({
			...model,
			id,
			tokensPerSecond,
			promptPrice: price,
			completionPrice: price
		}))
	};
	return { jws: '', offer, key: new Uint8Array(key.publicKey), peer: key.id };
}

it('counts contributors and slots by model, with medians that somebody really has', async () => {
	const figures = modelFigures([
		await offerWith(1, [['a', 10, '5']]),
		await offerWith(2, [['a', 30, '18446744073709551616']]),
		await offerWith(0, [
			['a', 20, '7'],
			['b', 4, '0']
		])
	]);
	expect(figures).toEqual([
		{
			id: 'a',
			contributors: 3,
			freeSlots: 3,
			tokensPerSecond: 20,
			promptPrice: '7',
			completionPrice: '7'
		},
		{
			id: 'b',
			contributors: 1,
			freeSlots: 0,
			tokensPerSecond: 4,
			promptPrice: '0',
			completionPrice: '0'
		}
	]);
});

it('takes prices from those who want to be paid, for others only say one', async () => {
	const free = () => offerWith(1, [['a', 10, '3']], 'free');
	const figures = modelFigures([await free(), await free(), await offerWith(1, [['a', 10, '9']])]);
	expect(figures).toMatchObject([{ contributors: 3, promptPrice: '9', completionPrice: '9' }]);
	expect(modelFigures([await free()])).toMatchObject([{ promptPrice: '0' }]);
});

it('counts a contributor once even if its offer names a model twice', async () => {
	const [figure] = modelFigures([
		await offerWith(1, [
			['a', 10, '0'],
			['a', 10, '0']
		])
	]);
	expect(figure).toMatchObject({ contributors: 1, freeSlots: 1 });
});

it('is empty for an empty network', () => {
	expect(modelFigures([])).toEqual([]);
});
