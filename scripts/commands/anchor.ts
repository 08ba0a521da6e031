/**
 * `anchor`: has a running coordinator anchor its log at once. It must run on this machine or with the
 * same data folder: the operator is whoever can read that. The exit status is 0 if nothing is left to
 * anchor, 1 if it could not be done, 3 for a wrong call.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { readHead } from '../../src/lib/log/head.ts';
import { OPERATOR_TOKEN_FILE } from '../../src/lib/server/log/operator-files.ts';
import { readSettings } from '../../src/lib/server/settings.ts';

/** The coordinator waits for the chain for a minute and a half, and may have to deploy the beacon first. */
const DEADLINE_MS = 300_000;

const answer = v.union([
	v.object({
		anchored: v.nullable(v.object({ head: v.string(), transaction: v.string(), at: v.number() }))
	}),
	v.object({ error: v.object({ message: v.string() }) })
]);

const usage = 'anchor [--coordinator URL]';

export const anchorCommand = { usage, run };

async function run(args: string[]): Promise<number> {
	const coordinator = readCoordinator(args);
	if (!coordinator) {
		console.error(`usage: npm run mulberry -- ${usage}`);
		return 3;
	}
	try {
		console.log(await anchor(coordinator));
		return 0;
	} catch (error) {
		console.error(error instanceof Error ? error.message : String(error));
		return 1;
	}
}

function readCoordinator(args: string[]): URL | null {
	try {
		const { values } = parseArgs({ args, options: { coordinator: { type: 'string' } } });
		return URL.parse(values.coordinator ?? `http://127.0.0.1:${readSettings(process.env).port}`);
	} catch {
		return null;
	}
}

async function anchor(coordinator: URL): Promise<string> {
	const { dataDir, network } = readSettings(process.env);
	const token = await readFile(join(dataDir, network, OPERATOR_TOKEN_FILE), 'utf8');
	const response = await fetch(new URL('/api/log/anchors', coordinator), {
		method: 'POST',
		headers: { authorization: `Bearer ${token.trim()}`, 'content-type': 'application/json' },
		signal: AbortSignal.timeout(DEADLINE_MS)
	});
	const told = v.parse(answer, await response.json());
	if ('error' in told) throw new Error(told.error.message);
	if (!told.anchored) return 'Nothing is new since the last anchor.';
	const { head, transaction, at } = told.anchored;
	const when = new Date(at).toISOString();
	return `Anchored ${readHead(head)?.size} entries at ${when}, transaction ${transaction}.`;
}
