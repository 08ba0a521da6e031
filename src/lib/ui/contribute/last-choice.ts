import * as v from 'valibot';

/** What was started last in this browser: a later visit proposes it, another tab takes it over. */
const KEY = 'mulberry-last-choice';

const schema = v.object({ model: v.string(), usesCpu: v.boolean() });
export type LastChoice = v.InferOutput<typeof schema>;

export function lastChoice(): LastChoice | null {
	try {
		const parsed = v.safeParse(schema, JSON.parse(localStorage.getItem(KEY) ?? 'null'));
		return parsed.success ? parsed.output : null;
	} catch {
		// Storage is refused, or somebody else wrote there.
		return null;
	}
}

export function rememberChoice(choice: LastChoice): void {
	try {
		localStorage.setItem(KEY, JSON.stringify(choice));
	} catch {
		// Nothing is stored here: the next visit proposes the largest model that fits.
	}
}
