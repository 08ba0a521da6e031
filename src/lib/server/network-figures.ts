import type { OfferedModel, VerifiedOffer } from '../protocol/offer.ts';

export interface ModelFigures {
	id: string;
	contributors: number;
	freeSlots: number;
	/** Medians over the contributors; prices are nano per million tokens, as text, of those who take pay. */
	tokensPerSecond: number;
	promptPrice: string;
	completionPrice: string;
}

/** What the network offers now, by model, the most offered first. */
export function modelFigures(offers: readonly VerifiedOffer[]): ModelFigures[] {
	const byModel = new Map<string, { offered: OfferedModel; slots: number; isPaid: boolean }[]>();
	for (const { offer } of offers) {
		const ids = new Set<string>();
		for (const offered of offer.models) {
			if (ids.has(offered.id)) continue;
			ids.add(offered.id);
			const list = byModel.get(offered.id) ?? [];
			list.push({ offered, slots: offer.slots, isPaid: offer.jobs !== 'free' });
			byModel.set(offered.id, list);
		}
	}
	return [...byModel]
		.map(([id, list]) => ({
			id,
			contributors: list.length,
			freeSlots: list.reduce((sum, { slots }) => sum + slots, 0),
			tokensPerSecond: median(list.map(({ offered }) => offered.tokensPerSecond)) ?? 0,
			promptPrice: medianPrice(list, ({ promptPrice }) => promptPrice),
			completionPrice: medianPrice(list, ({ completionPrice }) => completionPrice)
		}))
		.sort((a, b) => b.contributors - a.contributors || a.id.localeCompare(b.id));
}

function medianPrice(
	list: { offered: OfferedModel; isPaid: boolean }[],
	priceOf: (model: OfferedModel) => string
): string {
	const prices = list.filter(({ isPaid }) => isPaid).map(({ offered }) => BigInt(priceOf(offered)));
	return String(median(prices) ?? 0n);
}

/** The lower median: always a figure that somebody really has. */
function median<T extends number | bigint>(values: T[]): T | undefined {
	const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
	return sorted[Math.floor((sorted.length - 1) / 2)];
}
