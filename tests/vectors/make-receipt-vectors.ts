/** Test vectors for receipts, records, heads and proofs, from fixed seeds: the same every time. */
import { toChatFile } from '../../src/lib/log/chat-export.ts';
import { GrowingTree } from '../../src/lib/log/growing-tree.ts';
import { headToSign } from '../../src/lib/log/head.ts';
import { consistencyProof, inclusionProof, type ReadNode } from '../../src/lib/log/proof-making.ts';
import { leafHash } from '../../src/lib/log/tree-hash.ts';
import { brokenOffText } from '../../src/lib/protocol/broken-off.ts';
import { concat, toBase64Url, toHex, utf8, type Bytes } from '../../src/lib/protocol/bytes.ts';
import type { JobId } from '../../src/lib/protocol/ids.ts';
import { sign } from '../../src/lib/protocol/keys.ts';
import { entryId } from '../../src/lib/protocol/log-entry.ts';
import { signOffer } from '../../src/lib/protocol/offer.ts';
import type { PartEvidence, Run } from '../../src/lib/protocol/part-evidence.ts';
import { commitment, signReceipt, type Receipt } from '../../src/lib/protocol/receipt.ts';
import { RunningState, signRun } from '../../src/lib/protocol/running-state.ts';

const NOW = 1_800_000_000_000;
const DIGEST = toBase64Url(new Uint8Array(32).fill(9));
const COORDINATOR = 'https://mulberry.example';
const QUESTION = 'What is a mulberry? Réponds en français.';

/** PKCS #8 of an Ed25519 key (RFC 8410), before its 32 bytes. */
const PKCS8 = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'));

interface SeededKey {
	seed: Bytes;
	publicKey: Bytes;
	privateKey: CryptoKey;
}

async function keyOf(fill: number): Promise<SeededKey> {
	const seed = new Uint8Array(32).fill(fill);
	const pkcs8 = concat(PKCS8, seed);
	const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
	const { x = '' } = await crypto.subtle.exportKey('jwk', privateKey);
	return { seed, privateKey, publicKey: Uint8Array.from(Buffer.from(x, 'base64url')) };
}

interface PartSpec {
	id: number;
	key: SeededKey;
	runs: string[];
	uncovered: string;
	isBrokenOff: boolean;
	before?: { text: string; id: string };
}

async function makePart({ id, key, runs, uncovered, isBrokenOff, before }: PartSpec) {
	const salt = new Uint8Array(32).fill(id);
	const job = JSON.stringify({
		t: 'job',
		id: toBase64Url(new Uint8Array(16).fill(id)),
		model: 'tiny',
		digest: DIGEST,
		messages: [{ role: 'user', content: QUESTION }],
		sampling: { temperature: 0.7, max_tokens: 64, stop: ['\n\n'] },
		salt: toBase64Url(salt),
		...(before ? { prefix: before.text, previous: before.id } : {}),
		pay: { kind: 'free' }
	});
	const offer = await makeOffer(key);
	const promptTokens = 17 + id;
	let state = await RunningState.start(salt, job, offer, promptTokens);
	const states = [toHex(state.value)];
	const kept: Run[] = [{ tokens: promptTokens, bytes: 0, nano: '0' }];
	for (const text of runs) {
		const tokens = text === runs.at(-1) ? 5 : 32;
		state = await state.next(tokens, text);
		states.push(toHex(state.value));
		kept.push({ tokens, bytes: utf8(text).length, nano: '0' });
	}
	const text = runs.join('') + uncovered;
	const shared = { key: toBase64Url(key.publicKey), job: toBase64Url(new Uint8Array(16).fill(id)) };
	const entry = isBrokenOff
		? brokenOffText({
				...shared,
				job: shared.job as JobId,
				runs: state.seq,
				state: toBase64Url(state.value),
				sig: toBase64Url(await signRun(key.privateKey, state)),
				promptTokens,
				completionTokens: state.tokens,
				nano: '0'
			})
		: await signReceipt(key.privateKey, {
				...shared,
				...(await receiptOf(state, { salt, job, text, promptTokens })),
				...(before ? { previous: before.id } : {})
			} as Receipt);
	const evidence: PartEvidence = { job, offer, runs: kept, text, entry };
	return { evidence, salt: toHex(salt), states, id: await entryId(entry) };
}

async function receiptOf(
	state: RunningState,
	{
		salt,
		job,
		text,
		promptTokens
	}: { salt: Bytes; job: string; text: string; promptTokens: number }
): Promise<Omit<Receipt, 'key' | 'job' | 'previous'>> {
	return {
		v: 1,
		requester: toBase64Url(new Uint8Array(32).fill(7)),
		model: 'tiny',
		digest: DIGEST,
		engine: { name: 'wllama', version: '3.8.1' },
		sampling: { temperature: 0.7, max_tokens: 64, stop: 1 },
		prompt: await commitment('prompt', salt, utf8(job)),
		answer: await commitment('answer', salt, utf8(text)),
		runs: state.seq,
		state: toBase64Url(state.value),
		usage: { promptTokens, cachedPromptTokens: 3, completionTokens: state.tokens },
		prices: { prompt: '20', completion: '160' },
		nano: '0',
		tickets: { count: 0 },
		finish: 'stop',
		started: NOW - 4_000,
		ended: NOW
	};
}

function makeOffer({ privateKey, publicKey }: SeededKey): Promise<string> {
	return signOffer(privateKey, {
		v: 1,
		key: toBase64Url(publicKey),
		models: [
			{
				id: 'tiny',
				digest: DIGEST,
				engine: 'wllama',
				contextTokens: 512,
				tokensPerSecond: 30,
				promptPrice: '20',
				completionPrice: '160'
			}
		],
		slots: 1,
		waitMs: 0,
		jobs: 'free',
		features: [],
		limits: { maxTokens: 512 },
		issued: NOW - 10_000,
		expires: NOW + 50_000
	});
}

/** A log with these entries, and its signed head at every size. */
async function makeLog(key: SeededKey, entries: readonly string[]) {
	const kept = new Map<string, Bytes>();
	const tree = GrowingTree.empty();
	const heads: string[] = [];
	const publicKey = toBase64Url(key.publicKey);
	for (let size = 0; ; size++) {
		const root = toBase64Url(tree.root);
		const toSign = headToSign({ v: 1, key: publicKey, size, root, time: NOW + size });
		heads.push(`${toSign}.${toBase64Url(await sign(key.privateKey, utf8(toSign)))}`);
		const entry = entries[size];
		if (entry === undefined) break;
		for (const node of tree.append(leafHash(utf8(entry)))) {
			kept.set(`${node.level}/${node.index}`, node.hash);
		}
	}
	const read: ReadNode = (level, index) => kept.get(`${level}/${index}`) ?? new Uint8Array();
	return { heads, read };
}

/** The vectors, as JSON. */
export async function makeReceiptVectors(): Promise<string> {
	const [first, second, logKey] = [await keyOf(1), await keyOf(2), await keyOf(3)];
	const broken = await makePart({
		...{ id: 1, key: first, isBrokenOff: true },
		runs: ['Le mûrier est un arbre ', 'dont les fruits '],
		uncovered: 'sont '
	});
	const rest = await makePart({
		...{
			id: 2,
			key: second,
			isBrokenOff: false,
			before: { text: broken.evidence.text, id: broken.id }
		},
		runs: ['des mûres, blanches ', 'ou noires. 🫐'],
		uncovered: ''
	});
	const others = await Promise.all(
		[3, 4, 5].map((id) =>
			makePart({ id, key: first, runs: [`Answer ${id}.`], uncovered: '', isBrokenOff: false })
		)
	);
	const parts = [broken, rest];
	const entries = [others[0], broken, others[1], rest, others[2]].map(
		(part) => part?.evidence.entry ?? ''
	);
	const log = await makeLog(logKey, entries);
	const size = entries.length;
	const loggedOf = (entry: string) => {
		const index = entries.indexOf(entry);
		const proof = inclusionProof(log.read, index, size).map(toBase64Url);
		return { index, head: log.heads[size] ?? '', proof };
	};
	const proofs = parts.map(({ evidence }) => ({
		evidence,
		logged: loggedOf(evidence.entry),
		mismatch: null
	}));
	const place = { chat: 'c', at: NOW };
	const chat = toChatFile(
		{
			...{
				id: 'c',
				title: QUESTION,
				model: 'tiny',
				place: 'network',
				createdAt: NOW,
				updatedAt: NOW
			},
			settings: { system: '', temperature: 0.7, maxTokens: 64 }
		},
		[
			{ kind: 'question', id: 'q', position: 0, ...place, text: QUESTION },
			{
				...{ kind: 'answer', id: 'a', position: 1, ...place, model: 'tiny', place: 'network' },
				text: parts.map(({ evidence }) => evidence.text).join(''),
				outcome: { kind: 'done', finish: 'stop' },
				...{ authors: [], digest: DIGEST, figures: null, earlier: [] }
			}
		],
		new Map([['a', proofs]]),
		{ coordinator: COORDINATOR, nowMs: NOW }
	);
	const consistency = Array.from({ length: size }, (_, i) => i + 1).map((from) => ({
		...{ from, to: size },
		proof: consistencyProof(log.read, from, size).map(toBase64Url)
	}));
	const vectors = {
		about: 'Test vectors of docs/receipts.md. Made by scripts/generate-receipt-vectors.ts.',
		seeds: {
			contributor1: toHex(first.seed),
			contributor2: toHex(second.seed),
			log: toHex(logKey.seed)
		},
		parts: parts.map(({ evidence, salt, states, id }) => ({ ...evidence, salt, states, id })),
		log: { entries, heads: log.heads, consistency },
		chat,
		refused: refusedEntries(rest.evidence.entry, broken.evidence.entry)
	};
	return `${JSON.stringify(vectors, null, '\t')}\n`;
}

/** Entries that every verifier must refuse, each for one reason. */
function refusedEntries(receipt: string, record: string) {
	const [header = '', payload = '', sig = ''] = receipt.split('.');
	const decoded = Buffer.from(payload, 'base64url').toString();
	const encoded = (text: string) => Buffer.from(text).toString('base64url');
	const last = sig.slice(-1) === 'A' ? 'B' : 'A';
	return [
		['another answer', [header, encoded(decoded.replace('"stop"', '"length"')), sig].join('.')],
		['spaces in the payload', [header, encoded(decoded.replace(',', ', ')), sig].join('.')],
		[
			'another header',
			[encoded('{"typ":"mulberry-receipt","alg":"EdDSA"}'), payload, sig].join('.')
		],
		[
			'the algorithm none',
			[encoded('{"alg":"none","typ":"mulberry-receipt"}'), payload, ''].join('.')
		],
		['no signature', [header, payload].join('.')],
		['base64url that is not canonical', receipt.slice(0, -1) + nextCharacter(sig.slice(-1))],
		['another signature', receipt.slice(0, -2) + last + sig.slice(-1)],
		['a record with another state', record.replace(/"state":"./, '"state":"_')],
		['a record with a key more', record.replace('{', '{"note":"x",')],
		['a record with spaces', record.replace(',', ', ')]
	].map(([why, entry]) => ({ why, entry }));
}

/** The character after this one in base64url: the same bytes, with spare bits set. */
function nextCharacter(character: string): string {
	const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
	return alphabet[alphabet.indexOf(character) + 1] ?? '';
}
