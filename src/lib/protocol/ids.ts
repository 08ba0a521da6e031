import { fromHex, randomBytes, toBase64Url, toHex, type Bytes } from './bytes.ts';

/** A PeerJS id: `c` + hex of the contributor's key, or `r` + 32 random hex for a requester. */
export type PeerId = string & { readonly brand: 'PeerId' };

/** A job's id: 16 random bytes as base64url, made by the requester. */
export type JobId = string & { readonly brand: 'JobId' };

export const CONTRIBUTOR_PEER_ID = /^c[0-9a-f]{64}$/;
export const REQUESTER_PEER_ID = /^r[0-9a-f]{32}$/;
export const JOB_ID = /^[A-Za-z0-9_-]{22}$/;

/** PeerJS refuses ids that begin or end with `-` or `_`, so keys go into ids as hex. */
export function contributorPeerId(key: Uint8Array): PeerId {
	return `c${toHex(key)}` as PeerId;
}

export function newRequesterPeerId(): PeerId {
	return `r${toHex(randomBytes(16))}` as PeerId;
}

export function newJobId(): JobId {
	return toBase64Url(randomBytes(16)) as JobId;
}

export function parsePeerId(value: unknown): PeerId | null {
	if (typeof value !== 'string') return null;
	return CONTRIBUTOR_PEER_ID.test(value) || REQUESTER_PEER_ID.test(value)
		? (value as PeerId)
		: null;
}

/** The 32 key bytes that a contributor's peer id names, or `null` for any other id. */
export function keyOfPeerId(id: string): Bytes | null {
	return CONTRIBUTOR_PEER_ID.test(id) ? fromHex(id.slice(1)) : null;
}
