/** The signalling server lies in every way it can; only DTLS and the keys are honest. */
import { describe, expect, it } from 'vitest';
import {
	channelPair,
	everyInNode,
	type MemoryChannel
} from '../../../tests/support/memory-channel.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { contributorPeerId } from '../protocol/ids.ts';
import { createIdentity } from '../protocol/keys.ts';
import { authenticate, type HandshakeResult } from './handshake.ts';
import { Link } from './link.ts';

const requester = await createIdentity();
const contributor = await createIdentity();
const middleman = await createIdentity();
const dialled = contributorPeerId(contributor.publicKey);

const asRequester = (channel: MemoryChannel) =>
	authenticate(new Link(channel, everyInNode), {
		role: 'requester',
		identity: requester,
		expectedPeer: dialled
	});
const asContributor = (channel: MemoryChannel) =>
	authenticate(new Link(channel, everyInNode), { role: 'contributor', identity: contributor });

/** What a relay between two DTLS connections sees and can pass on, changed or not. */
function relay(a: MemoryChannel, b: MemoryChannel, change: (text: string) => string = (t) => t) {
	a.onMessage((data) => b.send(change(String(data))));
	b.onMessage((data) => a.send(change(String(data))));
}

const isRefused = (result: HandshakeResult) => !result.ok;

describe('the handshake', () => {
	it('proves both keys on an honest connection', async () => {
		const [r, c] = channelPair();
		const [seenByR, seenByC] = await Promise.all([asRequester(r), asContributor(c)]);
		expect(seenByR).toMatchObject({ ok: true, key: contributor.publicKey });
		expect(seenByC).toMatchObject({ ok: true, key: requester.publicKey });
		if (seenByR.ok && seenByC.ok) expect(seenByR.transcript).toEqual(seenByC.transcript);
	});

	it('fails for both when a middleman relays everything unchanged', async () => {
		const [r, toR] = channelPair();
		const [toC, c] = channelPair();
		relay(toR, toC);
		const results = await Promise.all([asRequester(r), asContributor(c)]);
		expect(results.map(isRefused)).toEqual([true, true]);
	});

	it('refuses a middleman that shows its own key in the contributor’s place', async () => {
		const [r, toR] = channelPair();
		void authenticate(new Link(toR, everyInNode), { role: 'contributor', identity: middleman });
		expect(await asRequester(r)).toMatchObject({ ok: false, code: 'bad_proof' });
	});

	it('refuses another contributor than the one that was dialled', async () => {
		const [r, toR] = channelPair();
		const other = await createIdentity();
		void authenticate(new Link(toR, everyInNode), { role: 'contributor', identity: other });
		expect(await asRequester(r)).toMatchObject({ ok: false, code: 'bad_proof' });
	});

	it('refuses a middleman that claims the contributor’s key without having it', async () => {
		const [r, toR] = channelPair();
		const liar = { publicKey: contributor.publicKey, privateKey: middleman.privateKey };
		void authenticate(new Link(toR, everyInNode), { role: 'contributor', identity: liar });
		expect(await asRequester(r)).toMatchObject({ ok: false, code: 'bad_proof' });
	});

	it('refuses the requester’s own frames sent back', async () => {
		const [r, toR] = channelPair();
		toR.onMessage((data) => toR.send(String(data)));
		expect(await asRequester(r)).toMatchObject({ ok: false, code: 'bad_proof' });
	});

	it('refuses the requester’s own key under the other role', async () => {
		const [r, toR] = channelPair();
		toR.onMessage((data) => toR.send(String(data).replace('"requester"', '"contributor"')));
		expect(await asRequester(r)).toMatchObject({ ok: false, code: 'bad_proof' });
	});

	it('refuses another version by name', async () => {
		const [r, toR] = channelPair();
		const key = toBase64Url(contributor.publicKey);
		const nonce = toBase64Url(randomBytes(32));
		toR.send(JSON.stringify({ t: 'hello', v: 2, role: 'contributor', key, nonce, features: [] }));
		expect(await asRequester(r)).toMatchObject({ ok: false, code: 'version' });
	});

	it('refuses a small-order key', async () => {
		const [r, toR] = channelPair();
		const nonce = toBase64Url(randomBytes(32));
		const hello = { t: 'hello', v: 1, role: 'contributor', key: 'A'.repeat(43), nonce };
		toR.send(JSON.stringify({ ...hello, features: [] }));
		expect(await asRequester(r)).toMatchObject({ ok: false, code: 'bad_proof' });
	});

	it('refuses a connection without a usable fingerprint', async () => {
		const [r, c] = channelPair({ fingerprints: [randomBytes(32), null] });
		const results = await Promise.all([asRequester(r), asContributor(c)]);
		expect(results.map(isRefused)).toEqual([true, true]);
	});

	it('refuses a job before the proof', async () => {
		const [c, raw] = channelPair();
		raw.send('{"t":"probe"}');
		expect(await asContributor(c)).toMatchObject({ ok: false, code: 'protocol' });
	});

	it('waits five seconds for a proof and no longer', async () => {
		const [c] = channelPair();
		const started = performance.now();
		expect(await asContributor(c)).toMatchObject({ ok: false, code: 'timeout' });
		expect(performance.now() - started).toBeGreaterThan(4_900);
	}, 10_000);
});
