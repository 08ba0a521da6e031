/** Exported chats: read, verified part by part, imported, written as Markdown. */
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../protocol/bytes.ts';
import { entryId } from '../protocol/log-entry.ts';
import type { Logged, PartEvidence } from '../protocol/part-evidence.ts';
import { DIGEST, makeAnswer } from '../protocol/testing/receipts.ts';
import { LyingCoordinator } from '../server/log/testing/lying-coordinator.ts';
import { chatMarkdown, fromChatFile, toChatFile } from './chat-export.ts';
import {
	chatFileText,
	parseChatFile,
	partsOf,
	type ChatFile,
	type FileAnswer,
	type FilePart
} from './chat-file.ts';
import { LogClient } from './log-client.ts';
import { stepsOf, verifyChat } from './verify/verify-chat.ts';

const QUESTION = 'How are you?';
const coordinator = await LyingCoordinator.create();
afterAll(() => coordinator.close());
const client = new LogClient(coordinator.url, coordinator.fetch);
const offline = { checks: null, catalogue: null };

async function log(entry: string): Promise<Logged> {
	const { index, head, proof } = await client.add(entry);
	return { index, head: head.text, proof: proof.map(toBase64Url) };
}

describe('a chat file', async () => {
	const first = await makeAnswer({ question: QUESTION, isBrokenOff: true, uncovered: 'half a ré' });
	const previous = await entryId(first.evidence.entry);
	const prefix = first.evidence.text;
	const next = await makeAnswer({
		question: QUESTION,
		previous,
		prefix,
		runs: ['sumé', ' and done']
	});
	const filePart = async ({ job, offer, runs, entry, text }: PartEvidence): Promise<FilePart> => ({
		job,
		offer,
		runs,
		bytes: Buffer.byteLength(text),
		entry,
		logged: await log(entry)
	});
	const file: ChatFile = {
		typ: 'mulberry-chat',
		v: 1,
		exported: 1_800_000_000_000,
		coordinator: coordinator.url.origin,
		chat: {
			title: 'How are you?',
			model: 'tiny',
			place: 'network',
			createdAt: 1_700_000_000_000,
			settings: { system: '', temperature: null, maxTokens: null }
		},
		turns: [
			{ kind: 'question', at: 1, text: QUESTION },
			{
				kind: 'answer',
				at: 2,
				model: 'tiny',
				place: 'network',
				digest: DIGEST,
				text: first.evidence.text + next.evidence.text,
				outcome: { kind: 'done', finish: 'stop' },
				parts: [await filePart(first.evidence), await filePart(next.evidence)],
				earlier: ['another try']
			}
		]
	};

	const codesIn = async (changed: ChatFile) =>
		(await verifyChat(changed, offline)).map((result) => stepsOf(result).map(({ code }) => code));
	const withAnswer = (change: (answer: FileAnswer) => void) => {
		const changed = structuredClone(file);
		for (const turn of changed.turns) if (turn.kind === 'answer') change(turn);
		return changed;
	};

	it('is read as it was written', () => {
		expect(parseChatFile(chatFileText(file))).toEqual({ ok: true, value: file });
	});

	it('is verified part by part, each linked to the one before', async () => {
		expect(await codesIn(file)).toEqual([
			[
				...[
					'signature_record',
					'text_partly',
					'entry_holds',
					'head_open',
					'anchor_open',
					'model_open'
				],
				...[
					'signature_receipt',
					'text_holds',
					'entry_holds',
					'head_open',
					'anchor_open',
					'model_open'
				]
			]
		]);
	});

	it.each<[string, (answer: FileAnswer) => void, string]>([
		[
			'one letter of the first part',
			(a) => void (a.text = a.text.replace('fine', 'fyne')),
			'text_words_differ'
		],
		[
			'one letter of the second',
			(a) => void (a.text = a.text.replace('done', 'dune')),
			'text_answer_differs'
		],
		[
			'an uncovered letter of the first',
			(a) => void (a.text = a.text.replace('half', 'Half')),
			'text_link_differs'
		],
		['a letter more', (a) => void (a.text = `A${a.text}`), 'text_words_differ'],
		['the parts in another order', (a) => void a.parts.reverse(), 'text_answer_differs'],
		[
			'another place of the cut',
			(a) => void (a.parts[0] && (a.parts[0].bytes += 1)),
			'text_answer_differs'
		]
	])('fails with %s', async (_, change, code) => {
		expect((await codesIn(withAnswer(change))).flat()).toContain(code);
	});

	it('fails when the question above an answer was changed', async () => {
		const changed = structuredClone(file);
		if (changed.turns[0]?.kind === 'question') changed.turns[0].text = 'Are you fine?';
		expect((await codesIn(changed)).flat()).toContain('text_shown_differs');
	});

	it('says what nothing proves', async () => {
		const longer = withAnswer((answer) => void (answer.text += ' And more.'));
		expect((await codesIn(longer)).flat()).toContain('text_rest');
		expect(await codesIn(withAnswer((answer) => void (answer.parts = [])))).toEqual([
			['text_rest']
		]);
	});

	it('comes back whole from a browser that imported it', () => {
		let id = 0;
		const stored = fromChatFile(file, () => String(id++), 5);
		const proofs = new Map(stored.proofs.map(({ turn, parts }) => [turn, parts]));
		expect(new Set(stored.turns.map((turn) => turn.id)).size).toBe(2);
		const from = { coordinator: file.coordinator, nowMs: file.exported };
		expect(toChatFile(stored.chat, stored.turns, proofs, from)).toEqual(file);
	});

	it('is readable as Markdown, with the ids of its receipts', async () => {
		const markdown = await chatMarkdown(file);
		expect(markdown).toContain(QUESTION);
		expect(markdown).toContain(`record \`${previous}\` by c`);
		expect(markdown).toContain(`receipt \`${await entryId(next.evidence.entry)}\` by c`);
		expect(markdown).toMatch(/entry \d+ of the log [\w-]{43}/);
	});

	it.each([
		['a key more', { ...file, note: 1 }, 'note'],
		['another version', { ...file, v: 2 }, 'v'],
		['a turn of another kind', { ...file, turns: [{ kind: 'secret' }] }, 'turns.0.kind']
	])('is refused with %s, by name', (_, changed, field) => {
		const parsed = parseChatFile(JSON.stringify(changed));
		expect(parsed).toEqual({ ok: false, reason: expect.stringContaining(`${field}: `) });
	});

	it('is a value for any text', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
				expect(parseChatFile(text).ok).toBe(false);
			})
		);
	});

	it('cuts any text into its parts and the rest, losing nothing', () => {
		const texts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 5 });
		fc.assert(
			fc.property(texts, fc.string({ unit: 'grapheme' }), (parts, rest) => {
				const [template] = (file.turns[1] as { parts: FilePart[] }).parts;
				const answer = {
					...(file.turns[1] as FileAnswer),
					text: parts.join('') + rest,
					parts: parts.map((text) => ({ ...template, bytes: Buffer.byteLength(text) }) as FilePart)
				};
				const cut = partsOf(answer);
				expect(cut.parts.map(({ text }) => text)).toEqual(parts);
				expect(cut.rest).toBe(rest);
			})
		);
	});
});
