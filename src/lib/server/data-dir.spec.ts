import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepareDataDir } from './data-dir.ts';
import { readSettings, SettingsError } from './settings.ts';

let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), 'mulberry-test-'));
});
afterEach(() => rm(dir, { recursive: true }));

it('makes a folder for each network', async () => {
	const settings = readSettings({ DATA_DIR: join(dir, 'new'), NETWORK: 'testnet' });
	expect(await prepareDataDir(settings)).toBe(join(dir, 'new', 'testnet'));
	expect((await stat(join(dir, 'new', 'testnet'))).isDirectory()).toBe(true);
	const other = readSettings({ DATA_DIR: join(dir, 'new'), NETWORK: 'mainnet' });
	expect(await prepareDataDir(other)).not.toBe(await prepareDataDir(settings));
});

it('names the setting when there is no way to write', async () => {
	await writeFile(join(dir, 'file'), '');
	const prepared = prepareDataDir(readSettings({ DATA_DIR: join(dir, 'file') }));
	await expect(prepared).rejects.toThrow(SettingsError);
	await expect(prepared).rejects.toThrow(/^DATA_DIR: expected a folder/);
});
