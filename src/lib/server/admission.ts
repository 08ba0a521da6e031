import type { IncomingMessage } from 'node:http';
import { keyOfPeerId, parsePeerId, type PeerId } from '../protocol/ids.ts';
import { parseAdmissionToken, verifyAdmission } from '../protocol/signalling.ts';
import type { Challenges } from './secrets.ts';

/** Where PeerJS connects to with `path: '/peerjs'`. */
export const SIGNALLING_PATH = '/peerjs/peerjs';

const MAX_TOKEN_CHARS = 256;

export interface Refusal {
	status: 400 | 401 | 409 | 429 | 503;
	code: 'bad_id' | 'bad_token' | 'id_taken' | 'too_many_sockets' | 'full' | 'closing';
	message: string;
}

export interface Applicant {
	id: PeerId;
	token: string;
}

/** The path of a request, or `null` where its target is no URL. */
export function pathOf(req: IncomingMessage): string | null {
	return URL.parse(req.url ?? '', 'http://localhost')?.pathname ?? null;
}

/** Who asks to connect, from the query that PeerJS writes. */
export function readApplicant(req: IncomingMessage): Applicant | Refusal {
	const query = URL.parse(req.url ?? '', 'http://localhost')?.searchParams;
	const id = parsePeerId(query?.get('id'));
	if (!id) {
		return {
			status: 400,
			code: 'bad_id',
			message: 'id: expected "c" and 64 hex digits of a key, or "r" and 32 random hex digits.'
		};
	}
	const token = query?.get('token') ?? '';
	if (token === '' || token.length > MAX_TOKEN_CHARS) {
		return {
			status: 400,
			code: 'bad_token',
			message: `token: expected 1 to ${MAX_TOKEN_CHARS} characters.`
		};
	}
	return { id, token };
}

/** An id that names a key is admitted with that key's signature over a challenge used only once. */
export async function checkSignature(
	{ id, token }: Applicant,
	challenges: Challenges,
	nowMs: number
): Promise<Refusal | null> {
	const key = keyOfPeerId(id);
	if (!key) return null;
	const proof = parseAdmissionToken(token);
	if (!proof || !challenges.use(proof.challenge, nowMs)) {
		return {
			status: 401,
			code: 'bad_token',
			message: 'token: expected a signed challenge that is not used and not expired.'
		};
	}
	if (await verifyAdmission(key, id, proof.challenge, proof.sig)) return null;
	return {
		status: 401,
		code: 'bad_token',
		message: 'token: the signature is not by the key that the id names.'
	};
}
