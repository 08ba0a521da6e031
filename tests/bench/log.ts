/** The log of receipts: durable appends, proofs among a million entries, start-up, verification. */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../../scripts/root.ts';
import { GrowingTree } from '../../src/lib/log/growing-tree.ts';
import { leafHash } from '../../src/lib/log/tree-hash.ts';
import { toBase64Url, utf8 } from '../../src/lib/protocol/bytes.ts';
import { makeAnswer } from '../../src/lib/protocol/testing/receipts.ts';
import { LogKey } from '../../src/lib/server/log/log-key.ts';
import { LogApi } from '../../src/lib/server/log/log-api.ts';
import { LogStore } from '../../src/lib/server/log/log-store.ts';
import { CatalogueHistory } from '../../src/lib/server/log/catalogue-history.ts';
import { NO_ANCHORS } from '../../src/lib/server/log/anchors.ts';
import { ReceiptLog } from '../../src/lib/server/log/receipt-log.ts';
import { Metrics } from '../../src/lib/server/metrics.ts';
import { SessionSite } from '../session/session-site.ts';
import { timeVerification } from '../session/time-verification.ts';
import type {} from '../session/session-page.ts';
import { median } from './statistics.ts';

const ENTRIES = 1_000_000;
const APPENDS = 20_000;
const SIGNED_APPENDS = 3_000;
const ONE_BY_ONE = 200;
const AT_ONCE = 512;
const PROOFS = 5_000;
const STARTS = 5;

const filesIn = (folder: string) => ({
	file: join(folder, 'log.sqlite'),
	keyFile: join(folder, 'log.key')
});

export async function run(): Promise<Record<string, number>> {
	mkdirSync(CACHE, { recursive: true });
	const folder = mkdtempSync(join(CACHE, 'bench-log-'));
	try {
		const template = (await makeAnswer()).evidence.entry;
		const appends = await timeAppends(join(folder, 'appends'), template);
		const large = await timeLarge(join(folder, 'large'), template);
		const verifyNodeMs = median(await timeVerification());
		const verifyBrowserMs = await timeVerificationInBrowser();
		console.log(`verifying an answer offline, ms ${verifyBrowserMs.toFixed(2)} in Chromium`);
		return { ...appends, ...large, verifyNodeMs, verifyBrowserMs };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** A text of a receipt's length; only the API checks signatures. */
const entryText = (template: string, n: number) => `${n}.${template}`.slice(0, template.length);

/** Does all the work, so much of it at once; gives how often a second. */
async function rate(count: number, atOnce: number, work: (n: number) => Promise<unknown>) {
	let next = 0;
	const lane = async () => {
		while (next < count) await work(next++);
	};
	const startedMs = performance.now();
	await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
	return (count * 1000) / (performance.now() - startedMs);
}

async function timeAppends(folder: string, template: string) {
	const log = await openIn(folder);
	const entry = (n: number) => entryText(template, n);
	const oneByOne = await rate(ONE_BY_ONE, 1, (n) => log.add(entry(n)));
	const appends = await rate(APPENDS, AT_ONCE, (n) => log.add(entry(ONE_BY_ONE + n)));
	const signed = await Promise.all(
		Array.from({ length: SIGNED_APPENDS }, async () => (await makeAnswer()).evidence.entry)
	);
	const figures = { contributors: 0, requesters: 0, offers: 0, outbox: 0, logEntries: 0 };
	const metrics = new Metrics(() => figures);
	const catalogues = await CatalogueHistory.open(':memory:', '{}', 0);
	const parts = { log, anchors: NO_ANCHORS, catalogues, metrics, addsPerSecond: 1e6 };
	const api = new LogApi(parts);
	const post = async (n: number) => {
		const body = signed[n] ?? '';
		const response = await api.add(new Request('http://log.test', { method: 'POST', body }));
		if (!response.ok) throw new Error(`add: ${await response.text()}`);
	};
	const throughApi = await rate(SIGNED_APPENDS, AT_ONCE, post);
	log.close();
	console.log(`durable appends/s, one by one  ${oneByOne.toFixed(0)}`);
	console.log(`durable appends/s, ${AT_ONCE} at once ${appends.toFixed(0)}`);
	console.log(`the same with signature, proof and JSON  ${throughApi.toFixed(0)}`);
	return {
		appendsPerSecond: appends,
		appendsThroughApiPerSecond: throughApi,
		appendsOneByOnePerSecond: oneByOne,
		groupCommitGain: appends / oneByOne
	};
}

function openIn(folder: string): Promise<ReceiptLog> {
	mkdirSync(folder);
	return ReceiptLog.open(filesIn(folder));
}

/** Fills a log by the store itself, in a few large transactions. */
async function fill(folder: string, template: string): Promise<void> {
	(await openIn(folder)).close();
	const { file, keyFile } = filesIn(folder);
	const store = new LogStore(file);
	const tree = GrowingTree.empty();
	const [batches, key] = [50, LogKey.read(keyFile)];
	for (let batch = 1; batch <= batches; batch++) {
		store.transaction(() => {
			while (tree.size < (ENTRIES * batch) / batches) {
				const entry = entryText(template, tree.size);
				const leaf = leafHash(utf8(entry));
				store.append({ leaf, entry }, tree.append(leaf));
			}
			const { size, root } = tree;
			store.putHead(key.sign({ size, root: toBase64Url(root), time: Date.now() }));
		});
	}
	store.close();
}

async function timeLarge(folder: string, template: string) {
	console.log(`filling a log with ${ENTRIES} entries …`);
	await fill(folder, template);
	const starts: number[] = [];
	let log = await ReceiptLog.open(filesIn(folder));
	for (let i = 0; i < STARTS; i++) {
		log.close();
		const startedMs = performance.now();
		log = await ReceiptLog.open(filesIn(folder));
		starts.push(performance.now() - startedMs);
	}
	const random = (n: number) => Math.floor(Math.random() * n);
	const inclusion = timeProofs(() => log.inclusion(random(ENTRIES), ENTRIES));
	const consistency = timeProofs(() => log.consistency(1 + random(ENTRIES - 1), ENTRIES));
	log.close();
	const bytes = statSync(filesIn(folder).file).size / ENTRIES;
	const startMs = median(starts);
	console.log(`start with ${ENTRIES} entries, ms   ${startMs.toFixed(1)}`);
	console.log(
		`bytes on disk a receipt       ${bytes.toFixed(0)} (of ${template.length} handed in)`
	);
	return {
		...named('inclusion', inclusion),
		...named('consistency', consistency),
		startMs,
		bytesPerReceipt: bytes
	};
}

function timeProofs(make: () => Uint8Array[]) {
	const times: number[] = [];
	let hashes = 0;
	for (let i = 0; i < PROOFS; i++) {
		const startedMs = performance.now();
		hashes += make().length;
		times.push(performance.now() - startedMs);
	}
	times.sort((a, b) => a - b);
	const total = times.reduce((sum, ms) => sum + ms, 0);
	return {
		perSecond: (PROOFS * 1000) / total,
		p99Ms: times[Math.floor(PROOFS * 0.99)] ?? NaN,
		bytes: (hashes / PROOFS) * 32
	};
}

function named(name: string, { perSecond, p99Ms, bytes }: ReturnType<typeof timeProofs>) {
	const size = `${bytes.toFixed(0)} bytes`;
	console.log(`${name} proofs/s ${perSecond.toFixed(0)}, p99 ${p99Ms.toFixed(2)} ms, ${size}`);
	return {
		[`${name}PerSecond`]: perSecond,
		[`${name}P99Ms`]: p99Ms,
		[`${name}Bytes`]: bytes
	};
}

/** In Chromium, on a page of the product's own code. */
async function timeVerificationInBrowser(): Promise<number> {
	const site = await SessionSite.open();
	try {
		const page = await site.newPage();
		return median(await page.evaluate(() => window.session.timeVerification()));
	} finally {
		await site.close();
	}
}
