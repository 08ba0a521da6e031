import { concat, utf8, type Bytes } from '../protocol/bytes.ts';
import type { JobId } from '../protocol/ids.ts';
import { sign, verifySignature } from '../protocol/keys.ts';

/** T of the handshake makes it good for one link, the id for one job. */
const signedBytes = (transcript: Bytes, job: JobId) =>
	concat(utf8('mulberry/1 pay\n'), transcript, utf8(job));

/** Shows that whoever asks for a job holds the purse's session key. */
export function signPay(sessionKey: CryptoKey, transcript: Bytes, job: JobId): Promise<Bytes> {
	return sign(sessionKey, signedBytes(transcript, job));
}

export function verifyPay(key: Bytes, sig: Bytes, transcript: Bytes, job: JobId): Promise<boolean> {
	return verifySignature(key, sig, signedBytes(transcript, job));
}
