/**
 * Adds to a log as fast as it can until somebody kills it, and tells on standard output what the log
 * has confirmed: one line `{index, entry, head}` for each. `node appender.ts FOLDER FIRST`
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { ReceiptLog } from '../../src/lib/server/log/receipt-log.ts';
import { entryText } from './kill-rounds.ts';

const AT_ONCE = 64;
const [folder = '', first = '0'] = process.argv.slice(2);
const [file, keyFile] = [join(folder, 'log.sqlite'), join(folder, 'log.key')];
const log = await ReceiptLog.open({ file, keyFile });
let next = Number(first);

async function addForEver(): Promise<never> {
	for (;;) {
		const entry = entryText(next++);
		const { index, head } = await log.add(entry);
		// Synchronous: what was told is told, whatever happens then.
		writeSync(1, `${JSON.stringify({ index, entry, head: head.text })}\n`);
	}
}

writeSync(1, 'ready\n');
await Promise.all(Array.from({ length: AT_ONCE }, addForEver));
