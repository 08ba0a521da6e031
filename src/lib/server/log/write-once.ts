import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file that only its owner may read, unless there is one of that name: whole or not at all,
 * and never in the place of another, whoever else starts right now.
 */
export function writeOnce(file: string, text: string): void {
	const unfinished = `${file}.${randomUUID()}`;
	writeDurably(unfinished, text);
	try {
		linkSync(unfinished, file);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
	} finally {
		unlinkSync(unfinished);
	}
	syncFolder(dirname(file));
}

function writeDurably(file: string, text: string): void {
	const handle = openSync(file, 'wx', 0o600);
	try {
		writeSync(handle, text);
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
