import {
	createPrivateKey,
	createPublicKey,
	generateKeyPairSync,
	sign,
	type KeyObject
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { headToSign, type Head } from '../../log/head.ts';
import { writeOnce } from './write-once.ts';

/** The log's own key: who has it can sign heads that people believe. */
export class LogKey {
	/** The public half: 32 bytes as base64url. */
	readonly publicKey: string;
	readonly #key: KeyObject;

	private constructor(key: KeyObject) {
		this.#key = key;
		this.publicKey = createPublicKey(key).export({ format: 'jwk' }).x ?? '';
	}

	/**
	 * The key in this file.
	 *
	 * @throws Error if there is none, or another kind of key
	 */
	static read(file: string): LogKey {
		const key = createPrivateKey(readFileSync(file));
		if (key.asymmetricKeyType !== 'ed25519') {
			throw new Error(`${file}: expected an Ed25519 key, found ${key.asymmetricKeyType}`);
		}
		return new LogKey(key);
	}

	/** The key in this file, made now if there is no file. Only the owner may read it. */
	static readOrMake(file: string): LogKey {
		const { privateKey } = generateKeyPairSync('ed25519');
		const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
		writeOnce(file, String(pem));
		return LogKey.read(file);
	}

	/** A signed head. Synchronous, so that it can be made inside a transaction. */
	sign(head: Omit<Head, 'v' | 'key'>): string {
		const toSign = headToSign({ v: 1, key: this.publicKey, ...head });
		return `${toSign}.${sign(null, Buffer.from(toSign), this.#key).toString('base64url')}`;
	}
}
