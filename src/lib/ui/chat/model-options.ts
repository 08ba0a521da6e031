import type { ModelEntry } from '../../models/model-entry.ts';
import type { AnswerPlace } from '../../store/chat-records.ts';
import { mostFreeFirst, type ServedModel } from '../network-figures.ts';
import type { Target } from './conversation.svelte.ts';

/** A model that can be asked, with who serves it right now. */
export interface ModelOption {
	/** Of the model and the place together. */
	key: string;
	id: string;
	place: AnswerPlace;
	name: string;
	contributors: number;
	freeSlots: number;
}

export const keyOf = ({ model, place }: Target) => `${place}:${model}`;

/**
 * What the picker offers: every served model, the one with the most free places first, then what
 * runs on this device; and `wanted` even while nobody serves it, so that a choice never changes
 * under the reader's hand.
 */
export function modelOptions(
	served: readonly ServedModel[],
	catalogue: readonly ModelEntry[],
	wanted: Target | null
): ModelOption[] {
	const option = (
		place: AnswerPlace,
		id: string,
		contributors = 0,
		freeSlots = 0
	): ModelOption => ({
		key: keyOf({ model: id, place }),
		id,
		place,
		name: catalogue.find((entry) => entry.id === id)?.name ?? id,
		contributors,
		freeSlots
	});
	const options = mostFreeFirst(served).map(({ id, contributors, freeSlots }) =>
		option('network', id, contributors, freeSlots)
	);
	if (wanted?.place === 'network' && !options.some(({ id }) => id === wanted.model)) {
		options.push(option('network', wanted.model));
	}
	const here = catalogue.filter(({ isBuiltIn }) => isBuiltIn).map(({ id }) => option('device', id));
	return [...options, ...here];
}
