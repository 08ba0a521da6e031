import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { SettingsError } from '../settings.ts';
import { writeOnce } from './write-once.ts';

/** In the network's folder. */
export const OPERATOR_TOKEN_FILE = 'operator.token';

const SEED = /^[0-9a-f]{64}$/;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * The words of the operator's wallet.
 *
 * @throws {SettingsError} if they cannot be read, or if others can read them
 */
export function readOperatorWords(file: string): string {
	try {
		if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
			throw new Error(`others can read ${file}; run chmod 600 on it`);
		}
		return readFileSync(file, 'utf8');
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new SettingsError(`OPERATOR_KEY_FILE: ${reason}`);
	}
}

/** The seed of the wallet that the coordinator makes for itself, made now if there is none. */
export function ownSeed(file: string): Uint8Array {
	writeOnce(file, randomBytes(32).toString('hex'));
	const text = readFileSync(file, 'utf8').trim();
	if (SEED.test(text)) return Buffer.from(text, 'hex');
	throw new Error(`${file}: expected 64 hex digits`);
}

/** What shows that somebody may read the coordinator's data folder: the operator, then. */
export function operatorToken(file: string): string {
	writeOnce(file, randomBytes(32).toString('base64url'));
	const token = readFileSync(file, 'utf8').trim();
	if (TOKEN.test(token)) return token;
	throw new Error(`${file}: expected 43 characters of base64url`);
}
