import type { ModelEntry } from '../../models/model-entry.ts';
import { mostFreeFirst, type ServedModel } from '../network-figures.ts';

/** A model that can be asked, with who serves it right now. */
export interface ModelOption {
	id: string;
	name: string;
	contributors: number;
	freeSlots: number;
}

/**
 * What the picker offers: every served model, the one with the most free places first, and `wanted`
 * even while nobody serves it, so that a choice never changes under the reader's hand.
 */
export function modelOptions(
	served: readonly ServedModel[],
	catalogue: readonly ModelEntry[],
	wanted: string | null
): ModelOption[] {
	const nameOf = (id: string) => catalogue.find((entry) => entry.id === id)?.name ?? id;
	const options = mostFreeFirst(served).map(({ id, contributors, freeSlots }) => ({
		id,
		name: nameOf(id),
		contributors,
		freeSlots
	}));
	if (wanted === null || options.some(({ id }) => id === wanted)) return options;
	return [...options, { id: wanted, name: nameOf(wanted), contributors: 0, freeSlots: 0 }];
}
