import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GUIDE_FILE } from '../guide/ask-guide.ts';

/**
 * A folder for `MODELS_DIR` whose copy of the guide, altered by `spoil`, is served in place of the
 * true one for as long as `file` is there.
 */
export function alteredGuide(spoil: (guide: Buffer) => Uint8Array = flipBit) {
	const folder = mkdtempSync(path.join(tmpdir(), 'mulberry-models-'));
	const file = path.join(folder, path.basename(GUIDE_FILE));
	writeFileSync(file, spoil(readFileSync(GUIDE_FILE)));
	writeFileSync(path.join(folder, 'catalogue.json'), JSON.stringify({ v: 1, models: [] }));
	return { folder, file };
}

function flipBit(guide: Buffer): Uint8Array {
	guide[guide.length - 9] = (guide[guide.length - 9] ?? 0) ^ 1;
	return guide;
}
