/** Kills a process that adds to a log, again and again, and checks what is left of the log. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GrowingTree } from '../../src/lib/log/growing-tree.ts';
import { verifyHead, type SignedHead } from '../../src/lib/log/head.ts';
import { isConsistent } from '../../src/lib/log/proof-checking.ts';
import { isSameHash, leafHash } from '../../src/lib/log/tree-hash.ts';
import { utf8 } from '../../src/lib/protocol/bytes.ts';
import { ReceiptLog } from '../../src/lib/server/log/receipt-log.ts';

const APPENDER = fileURLToPath(new URL('appender.ts', import.meta.url));
const READY_TIMEOUT_MS = 30_000;
/** From before the first transaction to after some dozens. */
const LONGEST_LIFE_MS = 120;
const PAGE = 256;

/** An entry of about a receipt's size. */
export const entryText = (n: number): string => `entry ${n} `.padEnd(1_200, 'x');

interface Confirmed {
	index: number;
	entry: string;
	head: string;
}

export interface KillResult {
	rounds: number;
	/** Entries that the log had confirmed before a kill. */
	confirmed: number;
	/** Entries in the log in the end; those on their way at a kill may be among them. */
	entries: number;
}

/** @throws Error as soon as a round leaves a log that is not what was confirmed */
export async function killRounds(rounds: number, random: () => number): Promise<KillResult> {
	const folder = mkdtempSync(join(tmpdir(), 'mulberry-kill-'));
	let confirmed = 0;
	let last: SignedHead | null = null;
	try {
		for (let round = 0; round < rounds; round++) {
			const told = await killOnce(folder, last?.size ?? 0, random() * LONGEST_LIFE_MS);
			confirmed += told.length;
			last = await checkLog(folder, told, last);
		}
		return { rounds, confirmed, entries: last?.size ?? 0 };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function killOnce(folder: string, first: number, afterMs: number): Promise<Confirmed[]> {
	// Numbers that were on their way at the last kill are not used again.
	const args = [APPENDER, folder, String(first * 2 + 1_000)];
	const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
	const closed = once(child, 'close');
	let output = '';
	const ready = new Promise<void>((resolve, reject) => {
		const timer = setTimeout(
			() => reject(new Error('the appender did not start')),
			READY_TIMEOUT_MS
		);
		child.once('exit', () => reject(new Error('the appender ended by itself')));
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			output += text;
			if (!output.startsWith('ready\n')) return;
			clearTimeout(timer);
			resolve();
		});
	});
	try {
		await ready;
		await new Promise((resolve) => setTimeout(resolve, afterMs));
	} finally {
		child.kill('SIGKILL');
		await closed;
	}
	// The last line may be cut off.
	const lines = output.split('\n').slice(1, -1);
	return lines.map((line) => JSON.parse(line) as Confirmed);
}

async function checkLog(
	folder: string,
	told: readonly Confirmed[],
	before: SignedHead | null
): Promise<SignedHead> {
	const [file, keyFile] = [join(folder, 'log.sqlite'), join(folder, 'log.key')];
	const log = await ReceiptLog.open({ file, keyFile });
	try {
		const { head } = log;
		const tree = GrowingTree.empty();
		const entries: string[] = [];
		while (entries.length < head.size) {
			const page = log.entries(entries.length, PAGE);
			if (page.length === 0)
				throw new Error(`entries: ${head.size} signed, ${entries.length} there`);
			for (const entry of page) tree.append(leafHash(utf8(entry)));
			entries.push(...page);
		}
		if (tree.size !== head.size || !isSameHash(tree.root, head.root)) {
			throw new Error('the entries do not make the signed root');
		}
		for (const { index, entry } of told) {
			if (entries[index] !== entry) throw new Error(`entry ${index}: confirmed, and not there`);
		}
		const confirmed = await verifyHead(told.at(-1)?.head);
		for (const earlier of [before, confirmed.ok ? confirmed.value : null]) {
			if (earlier && !isConsistent(earlier, head, log.consistency(earlier.size, head.size))) {
				throw new Error(`the head of ${earlier.size} entries is no part of this log`);
			}
		}
		return head;
	} finally {
		log.close();
	}
}
