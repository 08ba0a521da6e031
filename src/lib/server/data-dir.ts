import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SettingsError, type Settings } from './settings.ts';

/**
 * Where this network's files lie: what was meant for one network must never be sent to another.
 *
 * @throws {SettingsError} if nothing can be written there
 */
export async function prepareDataDir({ dataDir, network }: Settings): Promise<string> {
	const dir = resolve(dataDir, network);
	try {
		await mkdir(dir, { recursive: true });
		await access(dir, constants.W_OK);
		return dir;
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new SettingsError(`DATA_DIR: expected a folder to write to: ${reason}`);
	}
}
