import fc from 'fast-check';
import { compactVerify, CompactSign } from 'jose';
import { describe, expect, it } from 'vitest';
import { fromBase64Url, fromUtf8, randomBytes, toBase64Url, utf8 } from './bytes.ts';
import { createIdentity, importPublicKey } from './keys.ts';
import { entryId, verifyEntry } from './log-entry.ts';
import {
	commitment,
	MAX_RECEIPT_LENGTH,
	samplingForReceipt,
	signReceipt,
	ticketsDigest,
	verifyReceipt,
	type Receipt
} from './receipt.ts';
import { makeAnswer, oneBitChanges } from './testing/receipts.ts';

const { evidence, identity, receipt } = await makeAnswer();
const stranger = await createIdentity();

const signed = (payload: unknown, header: object = { alg: 'EdDSA', typ: 'mulberry-receipt' }) =>
	new CompactSign(utf8(typeof payload === 'string' ? payload : JSON.stringify(payload)))
		.setProtectedHeader(header as { alg: string })
		.sign(identity.privateKey);

describe('a receipt', () => {
	it('comes back as it was signed, with the contributor that its key names', async () => {
		expect(await verifyReceipt(evidence.entry)).toMatchObject({
			ok: true,
			value: { kind: 'receipt', receipt, key: identity.publicKey, text: evidence.entry }
		});
	});

	it('is a JWS that any library opens', async () => {
		const { payload } = await compactVerify(
			evidence.entry,
			await importPublicKey(identity.publicKey)
		);
		expect(JSON.parse(fromUtf8(payload) ?? '')).toEqual(receipt);
	});

	it('is refused after any change of a single bit', async () => {
		const changed = [...oneBitChanges(evidence.entry)];
		const results = await Promise.all(changed.map(verifyEntry));
		expect(results.filter(({ ok }) => ok)).toEqual([]);
		expect(changed.length).toBe(evidence.entry.length * 8);
	});

	it.each<[string, (receipt: Receipt) => unknown]>([
		['a key more', (r) => ({ ...r, note: 'hello' })],
		['a key more further in', (r) => ({ ...r, engine: { ...r.engine, note: 'hello' } })],
		['keys in another order', ({ v, ...rest }) => ({ ...rest, v })],
		['spaces', (r) => JSON.stringify(r, null, 1)],
		['a key twice', (r) => JSON.stringify(r).replace('{"v":1', '{"v":1,"v":1')],
		['a missing field', ({ answer: _, ...rest }) => rest],
		['an end before its start', (r) => ({ ...r, ended: r.started - 1 })],
		[
			'more cached tokens than tokens',
			(r) => ({ ...r, usage: { promptTokens: 1, cachedPromptTokens: 2, completionTokens: 0 } })
		],
		['tickets without their digest', (r) => ({ ...r, tickets: { count: 1 } })],
		['a digest of no tickets', (r) => ({ ...r, tickets: { count: 0, digest: r.digest } })],
		['an amount that is a number', (r) => ({ ...r, nano: 0 })],
		['another version', (r) => ({ ...r, v: 2 })],
		['words in the place of a version', (r) => ({ ...r, engine: { ...r.engine, version: 'a b' } })],
		['a key that is not its signer’s', (r) => ({ ...r, key: toBase64Url(stranger.publicKey) })]
	])('is refused with %s', async (_, change) => {
		expect((await verifyReceipt(await signed(change(receipt)))).ok).toBe(false);
		expect((await verifyReceipt(await signed(receipt))).ok).toBe(true);
	});

	it.each([
		['another type', { alg: 'EdDSA', typ: 'mulberry-offer' }],
		['a header with more in it', { alg: 'EdDSA', typ: 'mulberry-receipt', kid: 'hello' }],
		['another order in the header', { typ: 'mulberry-receipt', alg: 'EdDSA' }]
	])('is refused with %s', async (_, header) => {
		expect((await verifyReceipt(await signed(receipt, header))).ok).toBe(false);
	});

	it('cannot be signed where it would not be verified', async () => {
		expect(() => signReceipt(identity.privateKey, { ...receipt, ended: 0 })).toThrow(/started/);
	});

	it('at its longest stays under the limit', async () => {
		const count = 0xffff_ffff;
		const hash = toBase64Url(randomBytes(32));
		const nano = '9'.repeat(19);
		const long: Receipt = {
			...receipt,
			model: 'm'.repeat(96),
			engine: { name: 'webllm', version: 'v'.repeat(32) },
			sampling: {
				temperature: 1.2345678901234567,
				top_p: 0.12345678901234568,
				top_k: 1000,
				min_p: 0.12345678901234568,
				frequency_penalty: -1.2345678901234567,
				presence_penalty: -1.2345678901234567,
				seed: count,
				max_tokens: 131_072,
				stop: count,
				response_format: 'json_object',
				tools: count,
				tool_choice: 'required'
			},
			usage: { promptTokens: count, cachedPromptTokens: count, completionTokens: count },
			prices: { prompt: nano, cachedPrompt: nano, completion: nano },
			nano,
			tickets: { count, digest: hash },
			finish: 'tool_calls',
			runs: count,
			ended: Number.MAX_SAFE_INTEGER,
			previous: hash
		};
		const text = await signReceipt(identity.privateKey, long);
		expect(text.length).toBeLessThan(MAX_RECEIPT_LENGTH / 1.5);
		expect((await verifyReceipt(text)).ok).toBe(true);
	});

	it('says nothing of the words in a job’s controls', () => {
		const sampling = samplingForReceipt({
			max_tokens: 5,
			temperature: 0.5,
			stop: ['secret', 'more'],
			response_format: { type: 'json_schema', json_schema: { name: 'secret', schema: { a: 1 } } },
			tools: [{ type: 'function', function: { name: 'secret' } }],
			tool_choice: 'auto'
		});
		expect(sampling).toEqual({
			temperature: 0.5,
			max_tokens: 5,
			stop: 2,
			response_format: 'json_schema',
			tools: 1,
			tool_choice: 'auto'
		});
	});

	it('is a value for any input', async () => {
		await fc.assert(
			fc.asyncProperty(fc.anything(), async (input) => {
				expect((await verifyEntry(input)).ok).toBe(false);
			})
		);
	});
});

describe('a record of an answer that broke off', async () => {
	const broken = await makeAnswer({ isBrokenOff: true });
	const record = JSON.parse(broken.evidence.entry) as Record<string, unknown>;

	it('is checked by the contributor’s signature of its last run', async () => {
		expect(await verifyEntry(broken.evidence.entry)).toMatchObject({
			ok: true,
			value: { kind: 'record', record, key: broken.identity.publicKey }
		});
	});

	it.each<[string, (record: Record<string, unknown>) => unknown]>([
		['another state', (r) => ({ ...r, state: toBase64Url(randomBytes(32)) })],
		['another signature', (r) => ({ ...r, sig: toBase64Url(randomBytes(64)) })],
		['another key', (r) => ({ ...r, key: toBase64Url(stranger.publicKey) })],
		['a key of small order', (r) => ({ ...r, key: 'A'.repeat(43) })],
		['a key more', (r) => ({ ...r, note: 'hello' })],
		['keys in another order', ({ v, ...rest }) => ({ ...rest, v })]
	])('is refused with %s', async (_, change) => {
		expect((await verifyEntry(JSON.stringify(change(record)))).ok).toBe(false);
	});

	it('is refused with spaces', async () => {
		expect((await verifyEntry(JSON.stringify(record, null, 1))).ok).toBe(false);
	});
});

describe('hashes of receipts', () => {
	it('depend on kind, salt and words', async () => {
		const salt = randomBytes(32);
		const hashes = await Promise.all([
			commitment('prompt', salt, utf8('a')),
			commitment('answer', salt, utf8('a')),
			commitment('prompt', randomBytes(32), utf8('a')),
			commitment('prompt', salt, utf8('b'))
		]);
		expect(new Set(hashes).size).toBe(4);
	});

	it('name an entry by its leaf hash', async () => {
		// RFC 6962's leaf hash of no bytes, as published.
		const empty = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d';
		expect(Buffer.from(fromBase64Url(await entryId('')) ?? []).toString('hex')).toBe(empty);
	});

	it('name tickets in their order', async () => {
		const [a, b] = [randomBytes(32), randomBytes(32)];
		expect(await ticketsDigest([])).toEqual({ count: 0 });
		expect((await ticketsDigest([a, b])).digest).not.toBe((await ticketsDigest([b, a])).digest);
	});
});
