/** What is kept beside a stored file, as JSON: enough to go on with it and to trust it. */
import * as v from 'valibot';

const text = v.nullable(v.string());
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const recordSchema = v.object({
	v: v.literal(1),
	/** As in the catalogue. */
	url: v.string(),
	path: v.string(),
	version: v.object({ etag: text, lastModified: text, totalBytes: v.nullable(count) }),
	/** Null until the file is whole. */
	whole: v.nullable(
		v.object({
			sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
			sizeBytes: count,
			/** `File.lastModified` when the hash was computed: a later write shows. */
			modifiedMs: v.number(),
			hashedMs: v.number()
		})
	)
});

export type ArtifactRecord = v.InferOutput<typeof recordSchema>;
export type WholeFile = NonNullable<ArtifactRecord['whole']>;

/** Up to here hashing takes a tenth of a second or two: no reason to trust a record. */
const ALWAYS_REHASH_BYTES = 64 * 1024 * 1024;
/** A week: rot on a disk is slow, and hashing gigabytes at every start is not. */
const REHASH_AFTER_MS = 7 * 24 * 60 * 60 * 1000;

/** The record in `json`, or `null`: a record cut short by a crash counts as none. */
export function parseRecord(json: string): ArtifactRecord | null {
	try {
		const parsed = v.safeParse(recordSchema, JSON.parse(json));
		return parsed.success ? parsed.output : null;
	} catch {
		return null;
	}
}

/**
 * Whether the hash on record still speaks for the file. It was computed from the bytes as they were
 * written. It is computed again for small files, when the file was written to since, when its size
 * is another, after a week, and when the clock went backwards.
 */
export function isHashFresh(
	whole: WholeFile,
	file: { size: number; lastModified: number },
	nowMs: number
): boolean {
	const ageMs = nowMs - whole.hashedMs;
	return (
		file.size > ALWAYS_REHASH_BYTES &&
		file.size === whole.sizeBytes &&
		file.lastModified === whole.modifiedMs &&
		ageMs >= 0 &&
		ageMs < REHASH_AFTER_MS
	);
}
