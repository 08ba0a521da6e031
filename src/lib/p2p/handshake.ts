import {
	equalBytes,
	fromBase64Url,
	randomBytes,
	toBase64Url,
	type Bytes
} from '../protocol/bytes.ts';
import { PROTOCOL_VERSION, type Code, type FrameOf } from '../protocol/frames.ts';
import {
	handshakeTranscript,
	otherRole,
	signProof,
	verifyProof,
	type Role
} from '../protocol/handshake-proof.ts';
import { contributorPeerId, type PeerId } from '../protocol/ids.ts';
import { parsePublicKey, type Identity } from '../protocol/keys.ts';
import type { Link } from './link.ts';

const HANDSHAKE_TIMEOUT_MS = 5_000;

export interface HandshakeOptions {
	role: Role;
	identity: Identity;
	/** For a requester: the contributor that it dialled. */
	expectedPeer?: PeerId;
	features?: string[];
}

export type HandshakeResult =
	| { ok: true; key: Bytes; features: string[]; transcript: Bytes }
	| { ok: false; code: Code; text: string };

const refuse = (code: Code, text: string): HandshakeResult => ({ ok: false, code, text });

/**
 * Proves to the peer who we are and has it prove the same, both bound to this very DTLS connection
 * (`docs/protocol.md`, handshake). On refusal the link is closed with `bye`.
 */
export async function authenticate(
	link: Link,
	options: HandshakeOptions
): Promise<HandshakeResult> {
	const result = await exchangeProofs(link, options);
	if (result.ok) link.ignoreUnknownTags();
	else link.bye(result.code, result.text);
	return result;
}

async function exchangeProofs(link: Link, options: HandshakeOptions): Promise<HandshakeResult> {
	const { role, identity } = options;
	const deadline = performance.now() + HANDSHAKE_TIMEOUT_MS;
	const ownHello = link.send({
		t: 'hello',
		v: PROTOCOL_VERSION,
		role,
		key: toBase64Url(identity.publicKey),
		nonce: toBase64Url(randomBytes(32)),
		features: options.features ?? []
	});
	const hello = await expectFrame(link, 'hello', deadline);
	if ('code' in hello) return refuse(hello.code, hello.text);
	const checked = checkHello(hello.frame, options);
	if ('code' in checked) return refuse(checked.code, checked.text);
	const fingerprints = link.channel.fingerprints();
	if (!fingerprints) return refuse('bad_proof', 'the connection has no single SHA-256 fingerprint');
	const own = { hello: ownHello, fingerprint: fingerprints.own };
	const remote = { hello: hello.text, fingerprint: fingerprints.remote };
	const transcript =
		role === 'requester'
			? await handshakeTranscript(own, remote)
			: await handshakeTranscript(remote, own);
	const sig = await signProof(identity.privateKey, role, transcript);
	link.send({ t: 'proof', sig: toBase64Url(sig) });
	const proof = await expectFrame(link, 'proof', deadline);
	if ('code' in proof) return refuse(proof.code, proof.text);
	const proofSig = fromBase64Url(proof.frame.sig);
	if (!proofSig || !(await verifyProof(checked.key, otherRole(role), transcript, proofSig))) {
		return refuse('bad_proof', 'the proof does not fit this connection');
	}
	return { ok: true, key: checked.key, features: hello.frame.features, transcript };
}

function checkHello(
	hello: FrameOf<'hello'>,
	{ role, identity, expectedPeer }: HandshakeOptions
): { key: Bytes } | { code: Code; text: string } {
	if (hello.v !== PROTOCOL_VERSION) {
		return { code: 'version', text: `this side speaks version ${PROTOCOL_VERSION}` };
	}
	if (hello.role === role) return { code: 'bad_proof', text: `both sides say ${role}` };
	const key = parsePublicKey(hello.key);
	if (!key) return { code: 'bad_proof', text: 'key: not an Ed25519 public key' };
	if (equalBytes(key, identity.publicKey)) return { code: 'bad_proof', text: 'key: our own' };
	if (expectedPeer !== undefined && contributorPeerId(key) !== expectedPeer) {
		return { code: 'bad_proof', text: 'key: not the contributor that was dialled' };
	}
	return { key };
}

async function expectFrame<T extends 'hello' | 'proof'>(
	link: Link,
	tag: T,
	deadline: number
): Promise<{ frame: FrameOf<T>; text: string } | { code: Code; text: string }> {
	const timeoutMs = Math.max(0, deadline - performance.now());
	const received = await link.next({ timeoutMs });
	if (received.kind === 'timeout') return { code: 'timeout', text: `no ${tag} in time` };
	if (received.kind === 'frame' && received.frame.t === tag) {
		return { frame: received.frame as FrameOf<T>, text: received.text };
	}
	if (received.kind === 'ended') {
		return { code: link.end?.code ?? 'gone', text: link.end?.text ?? 'closed' };
	}
	return { code: 'protocol', text: `expected ${tag}` };
}
