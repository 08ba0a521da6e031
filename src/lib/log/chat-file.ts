/**
 * A chat as a file: the words, what proves them, and where the log has it. `docs/receipts.md`
 * describes it for other programs.
 */
import * as v from 'valibot';
import { utf8 } from '../protocol/bytes.ts';
import { bytes32, finishSchema, safeCount, u32Count } from '../protocol/job.ts';
import { explainIssue } from '../protocol/jws.ts';
import { loggedSchema, partEvidenceSchema, type PartEvidence } from '../protocol/part-evidence.ts';

const words = v.pipe(v.string(), v.maxLength(16_777_216));
const name = v.pipe(v.string(), v.maxLength(500));
/** Where it was answered: by contributors or on the reader's own device. */
const place = v.exactOptional(v.picklist(['network', 'device']));
const { job, offer, runs, entry } = partEvidenceSchema.entries;

const filePart = v.strictObject({
	job,
	offer,
	runs,
	/** UTF-8 bytes of the answer's text that this part is; its run texts are the first of them. */
	bytes: u32Count,
	entry,
	logged: v.exactOptional(loggedSchema)
});

const outcome = v.variant('kind', [
	v.strictObject({ kind: v.literal('streaming') }),
	v.strictObject({ kind: v.literal('done'), finish: finishSchema }),
	v.strictObject({ kind: v.literal('broken_off') }),
	v.strictObject({
		kind: v.literal('failed'),
		failure: v.strictObject({
			kind: name,
			code: v.exactOptional(v.nullable(name)),
			field: v.exactOptional(name),
			detail: v.exactOptional(name)
		})
	})
]);

const fileTurn = v.variant('kind', [
	v.strictObject({ kind: v.literal('question'), at: safeCount, text: words }),
	v.strictObject({
		kind: v.literal('answer'),
		at: safeCount,
		model: name,
		place,
		digest: v.nullable(bytes32),
		/** The whole text; the parts are its beginning, in order. */
		text: words,
		outcome,
		parts: v.pipe(v.array(filePart), v.maxLength(1_000)),
		/** Texts that were made anew; nothing proves them. */
		earlier: v.pipe(v.array(words), v.maxLength(1_000))
	})
]);

const chatFileSchema = v.strictObject({
	typ: v.literal('mulberry-chat'),
	v: v.literal(1),
	/** Unix milliseconds. */
	exported: safeCount,
	/** Origin of the coordinator whose log has the receipts. */
	coordinator: v.pipe(v.string(), v.maxLength(300)),
	chat: v.strictObject({
		title: name,
		model: name,
		place,
		createdAt: safeCount,
		settings: v.strictObject({
			system: words,
			temperature: v.nullable(v.number()),
			maxTokens: v.nullable(u32Count)
		})
	}),
	turns: v.pipe(v.array(fileTurn), v.maxLength(20_000))
});

export type ChatFile = v.InferOutput<typeof chatFileSchema>;
export type FileTurn = ChatFile['turns'][number];
export type FileAnswer = Extract<FileTurn, { kind: 'answer' }>;
export type FilePart = v.InferOutput<typeof filePart>;

export type ParsedChatFile = { ok: true; value: ChatFile } | { ok: false; reason: string };

/** A chat file's text from a value that was made here. */
export const chatFileText = (file: ChatFile): string => `${JSON.stringify(file, null, '\t')}\n`;

/** Reads a chat file; total. The reason names the first field that is wrong. */
export function parseChatFile(text: string): ParsedChatFile {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		return { ok: false, reason: 'not JSON' };
	}
	const parsed = v.safeParse(chatFileSchema, value, { abortEarly: true });
	return parsed.success
		? { ok: true, value: parsed.output }
		: { ok: false, reason: explainIssue(parsed.issues[0], 'file') };
}

/**
 * The parts of an answer with their texts, cut from the one text of the answer, and what is left of
 * it. Cuts that fall inside of a character give texts that no signature fits.
 */
export function partsOf(answer: FileAnswer): { parts: PartEvidence[]; rest: string } {
	const bytes = utf8(answer.text);
	const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
	let at = 0;
	const cut = (length: number) => {
		const piece = bytes.subarray(at, at + length);
		at += length;
		return decoder.decode(piece);
	};
	const parts = answer.parts.map((part) => ({
		job: part.job,
		offer: part.offer,
		runs: part.runs,
		text: cut(part.bytes),
		entry: part.entry
	}));
	return { parts, rest: cut(Infinity) };
}
