/**
 * The committed vectors, checked twice: by our own code, and by a verifier that uses nothing of ours
 * but what `docs/receipts.md` says, on Node's cryptography.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeReceiptVectors } from '../../../tests/vectors/make-receipt-vectors.ts';
import { verifyEntry } from '../protocol/log-entry.ts';
import { chatFileText, parseChatFile } from './chat-file.ts';
import { overall } from './verify/steps.ts';
import { stepsOf, verifyChat } from './verify/verify-chat.ts';

const FILE = new URL('../../../tests/vectors/receipts.json', import.meta.url);
const committed = readFileSync(FILE, 'utf8');
const vectors = JSON.parse(committed) as {
	parts: {
		job: string;
		offer: string;
		runs: { tokens: number; bytes: number; nano: string }[];
		text: string;
		entry: string;
		salt: string;
		states: string[];
		id: string;
	}[];
	log: {
		entries: string[];
		heads: string[];
		consistency: { from: number; to: number; proof: string[] }[];
	};
	chat: { turns: { parts?: { logged: { index: number; head: string; proof: string[] } }[] }[] };
	refused: { why: string; entry: string }[];
};

const sha = (...parts: (string | Uint8Array)[]) =>
	parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const b64 = (text: string) => Buffer.from(text, 'base64url');
const u32 = (value: number) => Buffer.from([24, 16, 8, 0].map((shift) => (value >>> shift) & 255));
const u64 = (value: bigint | number) => {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(value));
	return bytes;
};
const isSignedBy = (key: string, signature: string, message: Uint8Array) =>
	verify(
		null,
		message,
		createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' }),
		b64(signature)
	);

function openJws(jws: string) {
	const [header = '', payload = '', signature = ''] = jws.split('.');
	const claims = JSON.parse(b64(payload).toString()) as Record<string, never>;
	const isSigned = isSignedBy(claims['key'] ?? '', signature, Buffer.from(`${header}.${payload}`));
	return { header: b64(header).toString(), claims, isSigned };
}

function statesOf({ job, offer, runs, text, salt }: (typeof vectors.parts)[number]): Buffer[] {
	const bytes = Buffer.from(text);
	const [prompt, ...rest] = runs;
	const states = [
		sha(
			'mulberry/1 receipt\n',
			Buffer.from(salt, 'hex'),
			sha(job),
			sha(offer),
			u64(prompt?.tokens ?? 0)
		)
	];
	let [at, tokens, nano] = [0, 0, BigInt(prompt?.nano ?? 0)];
	rest.forEach((run, index) => {
		const piece = bytes.subarray(at, (at += run.bytes));
		tokens += run.tokens;
		nano += BigInt(run.nano);
		const before = states.at(-1) ?? Buffer.alloc(0);
		states.push(sha(before, u32(index + 1), u64(tokens), u64(nano), sha(piece)));
	});
	return states;
}

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);
const rootOf = (entries: string[]): Buffer => {
	if (entries.length === 0) return sha();
	if (entries.length === 1) return sha(LEAF, entries[0] ?? '');
	const k = 2 ** Math.floor(Math.log2(entries.length - 1));
	return sha(NODE, rootOf(entries.slice(0, k)), rootOf(entries.slice(k)));
};

describe('the committed vectors', () => {
	it('are those that the generator makes', async () => {
		expect(await makeReceiptVectors()).toBe(committed);
	});

	it('are verified by our own code, but for what needs a network', async () => {
		const file = parseChatFile(JSON.stringify(vectors.chat));
		if (!file.ok) throw new Error(file.reason);
		expect(chatFileText(file.value)).toBe(`${JSON.stringify(vectors.chat, null, '\t')}\n`);
		const [result] = await verifyChat(file.value, { checks: null, catalogue: null });
		const steps = result ? stepsOf(result) : [];
		expect(steps.map(({ code }) => code)).toEqual([
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
		]);
		expect(overall(steps)).toBe('open');
	});

	it.each(vectors.refused)('has an entry to be refused: $why', async ({ entry }) => {
		expect((await verifyEntry(entry)).ok).toBe(false);
	});
});

describe('a verifier that knows only the description', () => {
	it('computes every running state, and finds the last one signed', () => {
		for (const part of vectors.parts) {
			const states = statesOf(part);
			expect(states.map((state) => state.toString('hex'))).toEqual(part.states);
			const last = states.at(-1)?.toString('base64url');
			if (part.entry.startsWith('{')) {
				const record = JSON.parse(part.entry) as { key: string; state: string; sig: string };
				expect(record.state).toBe(last);
				const message = Buffer.concat([Buffer.from('mulberry/1 chunk\n'), b64(record.state)]);
				expect(isSignedBy(record.key, record.sig, message)).toBe(true);
			} else {
				expect(openJws(part.entry).claims['state']).toBe(last);
			}
		}
	});

	it('opens receipt and heads, and finds the words in the commitments', () => {
		const [, part] = vectors.parts;
		if (!part) throw new Error('no receipt');
		const { header, claims, isSigned } = openJws(part.entry);
		expect(header).toBe('{"alg":"EdDSA","typ":"mulberry-receipt"}');
		expect(isSigned).toBe(true);
		const salt = Buffer.from(part.salt, 'hex');
		expect(sha('prompt\n', salt, part.job).toString('base64url')).toBe(claims['prompt']);
		expect(sha('answer\n', salt, part.text).toString('base64url')).toBe(claims['answer']);
		expect(sha(LEAF, vectors.parts[0]?.entry ?? '').toString('base64url')).toBe(claims['previous']);
	});

	it('finds every head signed over the root of its entries', () => {
		vectors.log.heads.forEach((text, size) => {
			const { header, claims, isSigned } = openJws(text);
			expect([header, isSigned]).toEqual(['{"alg":"EdDSA","typ":"mulberry-head"}', true]);
			const root = rootOf(vectors.log.entries.slice(0, size)).toString('base64url');
			expect([claims['size'], claims['root']]).toEqual([size, root]);
		});
	});

	it('climbs from each entry to the root by its inclusion proof', () => {
		const parts = vectors.chat.turns.flatMap((turn) => turn.parts ?? []);
		expect(parts).toHaveLength(2);
		parts.forEach(({ logged }, i) => {
			const { claims } = openJws(logged.head);
			let hash = sha(LEAF, vectors.parts[i]?.entry ?? '');
			let [fn, sn] = [logged.index, (claims['size'] ?? 0) - 1];
			for (const sibling of logged.proof) {
				const isRight = fn % 2 === 1 || fn === sn;
				hash = isRight ? sha(NODE, b64(sibling), hash) : sha(NODE, hash, b64(sibling));
				while (isRight && fn % 2 === 0 && fn > 0) [fn, sn] = [fn >> 1, sn >> 1];
				[fn, sn] = [fn >> 1, sn >> 1];
			}
			expect(sn).toBe(0);
			expect(hash.toString('base64url')).toBe(claims['root']);
		});
	});
});
