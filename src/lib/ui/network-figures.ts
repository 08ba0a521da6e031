/** What `GET /api/network` answers: how many are here, and what they serve. */
import * as v from 'valibot';

/** Nano per million tokens, the median. */
const price = v.pipe(
	v.string(),
	v.regex(/^\d{1,19}$/),
	v.transform((text) => BigInt(text))
);
const count = v.pipe(v.number(), v.minValue(0));

const schema = v.object({
	contributors: count,
	requesters: count,
	models: v.array(
		v.object({
			id: v.string(),
			contributors: count,
			freeSlots: count,
			tokensPerSecond: v.nullable(count),
			promptPrice: v.optional(price, '0'),
			completionPrice: v.optional(price, '0')
		})
	)
});

export type NetworkFigures = v.InferOutput<typeof schema>;
export type ServedModel = NetworkFigures['models'][number];

/** The figures, or `null` where this is something else. */
export function parseNetworkFigures(value: unknown): NetworkFigures | null {
	const result = v.safeParse(schema, value);
	return result.success ? result.output : null;
}

/** Models that somebody serves, those with the most free places first. */
export function mostFreeFirst(models: readonly ServedModel[]): ServedModel[] {
	return models
		.filter(({ contributors }) => contributors > 0)
		.toSorted(
			(a, b) =>
				b.freeSlots - a.freeSlots ||
				b.contributors - a.contributors ||
				(b.tokensPerSecond ?? 0) - (a.tokensPerSecond ?? 0) ||
				a.id.localeCompare(b.id)
		);
}
