import {
	createPrivateKey,
	createPublicKey,
	generateKeyPairSync,
	randomUUID,
	sign,
	type KeyObject
} from 'node:crypto';
import {
	closeSync,
	fsyncSync,
	linkSync,
	openSync,
	readFileSync,
	unlinkSync,
	writeSync
} from 'node:fs';
import { dirname } from 'node:path';
import { headToSign, type Head } from '../../log/head.ts';

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
		// Whole or not at all, and never in the place of another, whoever else starts right now.
		const unfinished = `${file}.${randomUUID()}`;
		writeDurably(unfinished, pem);
		try {
			linkSync(unfinished, file);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		} finally {
			unlinkSync(unfinished);
		}
		syncFolder(dirname(file));
		return LogKey.read(file);
	}

	/** A signed head. Synchronous, so that it can be made inside a transaction. */
	sign(head: Omit<Head, 'v' | 'key'>): string {
		const toSign = headToSign({ v: 1, key: this.publicKey, ...head });
		return `${toSign}.${sign(null, Buffer.from(toSign), this.#key).toString('base64url')}`;
	}
}

function writeDurably(file: string, text: string | Buffer): void {
	const handle = openSync(file, 'wx', 0o600);
	try {
		writeSync(handle, String(text));
		fsyncSync(handle);
	} finally {
		closeSync(handle);
	}
}

function syncFolder(folder: string): void {
	// Windows opens no folders.
	if (process.platform === 'win32') return;
	const handle = openSync(folder, 'r');
	fsyncSync(handle);
	closeSync(handle);
}
