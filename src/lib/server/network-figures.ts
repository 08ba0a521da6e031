import type { OfferedModel, VerifiedOffer } from '../protocol/offer.ts';

export interface ModelFigures {
	id: string;
	contributors: number;
	freeSlots: number;
	/** Medians over the contributors; prices are nano per million tokens, as text. */
	tokensPerSecond: number;
	promptPrice: string;
	completionPrice: string;
	/** The same over those alone who take pay; `null` where nobody does. */
	paid: { contributors: number; promptPrice: string; completionPrice: string } | null;
}

interface Entry {
	offered: OfferedModel;
	slots: number;
	isPaid: boolean;
}

/** What the network offers now, by model, the most offered first. */
export function modelFigures(offers: readonly VerifiedOffer[]): ModelFigures[] {
	const byModel = new Map<string, Entry[]>();
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
			promptPrice: medianPrice(list.map(({ offered }) => offered.promptPrice)),
			completionPrice: medianPrice(list.map(({ offered }) => offered.completionPrice)),
			paid: paidFigures(list.filter(({ isPaid }) => isPaid))
		}))
		.sort((a, b) => b.contributors - a.contributors || a.id.localeCompare(b.id));
}

function paidFigures(list: Entry[]): ModelFigures['paid'] {
	if (list.length === 0) return null;
	return {
		contributors: list.length,
		promptPrice: medianPrice(list.map(({ offered }) => offered.promptPrice)),
		completionPrice: medianPrice(list.map(({ offered }) => offered.completionPrice))
	};
}

function medianPrice(prices: string[]): string {
	return String(median(prices.map(BigInt)) ?? 0n);
}

/** The lower median: always a figure that somebody really has. */
function median<T extends number | bigint>(values: T[]): T | undefined {
	const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
	return sorted[Math.floor((sorted.length - 1) / 2)];
}
