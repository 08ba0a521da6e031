import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metrics } from '../../metrics.ts';
import { NO_ANCHORS, type Anchors } from '../anchors.ts';
import { CatalogueHistory } from '../catalogue-history.ts';
import { LogApi } from '../log-api.ts';
import { ReceiptLog } from '../receipt-log.ts';

const NO_FIGURES = { contributors: 0, requesters: 0, offers: 0, outbox: 0, logEntries: 0 };

/**
 * A coordinator with the real log and API in this process, reached through `fetch`. It lies as only
 * the owner of a log's key can: by keeping several logs under it and showing one or the other.
 */
export class LyingCoordinator {
	readonly url = new URL('http://coordinator.test');
	/** What is shown to whoever asks now. */
	shown: ReceiptLog;
	isAway = false;
	anchors: Anchors = NO_ANCHORS;
	/** Changes an answer's body on its way. */
	change: (path: string, body: Record<string, unknown>) => unknown = (_, body) => body;
	/** Paths that were asked for, and when. */
	readonly asked: string[] = [];
	readonly askedAtMs: number[] = [];
	#nowMs: () => number;
	#catalogues: CatalogueHistory | undefined;
	readonly #folders: string[];
	readonly #logs: ReceiptLog[];

	private constructor(folder: string, log: ReceiptLog, nowMs: () => number) {
		this.#folders = [folder];
		this.#logs = [log];
		this.#nowMs = nowMs;
		this.shown = log;
	}

	static async create(nowMs: () => number = Date.now): Promise<LyingCoordinator> {
		const folder = mkdtempSync(join(tmpdir(), 'mulberry-log-'));
		return new LyingCoordinator(folder, await openIn(folder, nowMs), nowMs);
	}

	/** Another log under the same key, with these entries. */
	async another(entries: readonly string[], nowMs = this.#nowMs): Promise<ReceiptLog> {
		const folder = mkdtempSync(join(tmpdir(), 'mulberry-log-'));
		const [own = ''] = this.#folders;
		copyFileSync(join(own, 'log.key'), join(folder, 'log.key'));
		const log = await openIn(folder, nowMs);
		this.#folders.push(folder);
		this.#logs.push(log);
		for (const entry of entries) await log.add(entry);
		return log;
	}

	fetch: typeof fetch = async (input, init) => {
		const url = new URL(input instanceof Request ? input.url : String(input));
		this.asked.push(url.pathname);
		this.askedAtMs.push(performance.now());
		if (this.isAway) throw new TypeError('fetch failed');
		const response = await this.#answer(url, init);
		const body = (await response.json()) as Record<string, unknown>;
		const changed = this.change(url.pathname, body);
		const isRefusal = typeof changed === 'object' && changed !== null && 'error' in changed;
		const status = response.ok && isRefusal ? 404 : response.status;
		return Response.json(changed, { status });
	};

	close(): void {
		for (const log of this.#logs) log.close();
		for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
	}

	async #answer(url: URL, init: RequestInit | undefined): Promise<Response> {
		const metrics = new Metrics(() => NO_FIGURES);
		const { shown: log, anchors } = this;
		this.#catalogues ??= await CatalogueHistory.open(':memory:', '{}', 0);
		const catalogues = this.#catalogues;
		const api = new LogApi({ log, anchors, catalogues, metrics, addsPerSecond: 1_000 });
		const query = url.searchParams;
		switch (`${init?.method ?? 'GET'} ${url.pathname}`) {
			case 'POST /api/log/entries':
				return api.add(new Request(url, init));
			case 'GET /api/log/entries':
				return api.entries(query);
			case 'GET /api/log/head':
				return api.head();
			case 'GET /api/log/inclusion':
				return api.inclusion(query);
			case 'GET /api/log/consistency':
				return api.consistency(query);
			case 'GET /api/log/anchors':
				return api.anchors();
			default:
				throw new Error(`no route ${url.pathname}`);
		}
	}
}

function openIn(folder: string, nowMs: () => number): Promise<ReceiptLog> {
	const [file, keyFile] = [join(folder, 'log.sqlite'), join(folder, 'log.key')];
	return ReceiptLog.open({ file, keyFile, nowMs });
}
