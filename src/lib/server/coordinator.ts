import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { ChainBackend } from '../chain/rpc.ts';
import { catalogue as builtInCatalogue } from '../models/catalogue.ts';
import type { Catalogue } from '../models/model-entry.ts';
import { Api } from './api.ts';
import { refuse } from './answers.ts';
import { readCaller } from './caller-headers.ts';
import { prepareDataDir } from './data-dir.ts';
import { Directory } from './directory.ts';
import { createFront, type Middleware } from './front.ts';
import { Anchoring } from './log/anchoring.ts';
import { NO_ANCHORS, type Anchors } from './log/anchors.ts';
import { CatalogueHistory } from './log/catalogue-history.ts';
import { LogApi } from './log/log-api.ts';
import { ReceiptLog } from './log/receipt-log.ts';
import { Metrics } from './metrics.ts';
import { loadCatalogue } from './operator-models.ts';
import { RedeemApi } from './outbox/redeem-api.ts';
import { ProofApi } from './proof/proof-api.ts';
import { Capabilities, Challenges } from './secrets.ts';
import type { Settings } from './settings.ts';
import { Signalling } from './signalling.ts';
import { ChainApi } from './ton/chain-api.ts';
import { openChain, type OpenChain } from './ton/open-chain.ts';
import { WalletApi } from './ton/wallet-api.ts';
import { KeyedBuckets } from './token-bucket.ts';

/** A page asks for a dozen things when it opens. */
const REQUEST_BURST_SECONDS = 5;
/** For whoever watches the coordinator, also when somebody at the same address floods it. */
const UNLIMITED_ROUTES: ReadonlySet<string | null> = new Set(['/healthz', '/metrics']);

/**
 * @throws {SettingsError} if `MODELS_DIR` or `DATA_DIR` cannot be used
 */
export async function createCoordinator(settings: Settings, logger: Logger): Promise<Coordinator> {
	const catalogue = await loadCatalogue(builtInCatalogue, settings.modelsDir);
	const dataDir = await prepareDataDir(settings);
	const chain = await openChain(settings, logger, dataDir);
	const receipts = await ReceiptLog.open({
		file: join(dataDir, 'log.sqlite'),
		keyFile: join(dataDir, 'log.key')
	});
	const catalogues = await CatalogueHistory.open(
		join(dataDir, 'catalogues.sqlite'),
		JSON.stringify(catalogue),
		Date.now()
	);
	const parts = { catalogue, dataDir, chain, receipts, catalogues };
	const coordinator = new Coordinator(settings, logger, parts);
	await coordinator.redeem.resume();
	return coordinator;
}

export interface CoordinatorParts {
	catalogue: Catalogue;
	/** A folder of this network's own that can be written to. */
	dataDir: string;
	chain: OpenChain;
	receipts: ReceiptLog;
	catalogues: CatalogueHistory;
	/** Where the log is anchored; nowhere if absent. */
	anchors?: Anchors;
}

/** Signalling, directory, log, limits and metrics of one process. It never sees a prompt or an answer. */
export class Coordinator {
	readonly settings: Settings;
	readonly logger: Logger;
	readonly metrics: Metrics;
	readonly api: Api;
	/** Runs only where there is something to anchor on. */
	readonly anchoring: Anchoring;
	readonly chain: ChainApi;
	readonly redeem: RedeemApi;
	readonly log: LogApi;
	readonly proof: ProofApi;
	readonly wallet: WalletApi;
	/** Goes before the pages. */
	readonly front: Middleware;
	readonly #signalling: Signalling;
	readonly #receipts: ReceiptLog;
	readonly #catalogues: CatalogueHistory;
	readonly #backend: ChainBackend;
	readonly #requests: KeyedBuckets;

	constructor(settings: Settings, logger: Logger, given: CoordinatorParts) {
		const { catalogue, dataDir, chain, receipts, catalogues, anchors = NO_ANCHORS } = given;
		const challenges = new Challenges();
		const capabilities = new Capabilities();
		const directory: Directory = new Directory({
			isPresent: (id) => signalling.isPresent(id),
			maxOffers: settings.maxSockets,
			random: Math.random
		});
		const metrics: Metrics = new Metrics(() => ({
			...signalling.counts(),
			offers: directory.live(Date.now()).length,
			outbox: redeem.waitingCount(),
			logEntries: receipts.head.size
		}));
		const signalling: Signalling = new Signalling({
			settings,
			challenges,
			capabilities,
			metrics,
			logger
		});
		const { backend } = chain;
		const redeem: RedeemApi = new RedeemApi({
			file: join(dataDir, 'outbox.sqlite'),
			backend,
			metrics,
			onError: (error) => logger.error({ err: error }, 'trouble in the outbox')
		});
		const parts = { settings, catalogue, directory, signalling, challenges, capabilities, metrics };
		this.settings = settings;
		this.logger = logger;
		this.metrics = metrics;
		this.api = new Api(parts);
		const { logAddsPerSecond: addsPerSecond } = settings;
		this.log = new LogApi({ log: receipts, anchors, catalogues, metrics, addsPerSecond });
		this.anchoring = new Anchoring({ log: receipts, anchors, catalogues, logger });
		if (anchors !== NO_ANCHORS) this.anchoring.start();
		this.chain = new ChainApi({ settings, metrics, ...chain });
		this.redeem = redeem;
		this.wallet = new WalletApi(settings);
		this.proof = new ProofApi({ settings, metrics, chain: backend });
		this.front = createFront(settings, logger);
		this.#signalling = signalling;
		this.#receipts = receipts;
		this.#catalogues = catalogues;
		this.#backend = backend;
		const perSecond = settings.requestsPerSecond;
		this.#requests = new KeyedBuckets({ perSecond, burst: perSecond * REQUEST_BURST_SECONDS });
	}

	/** Limits and measures one request that Kit answers. */
	async around(
		request: Request,
		route: string | null,
		answerIt: () => Response | Promise<Response>
	): Promise<Response> {
		const startedMs = performance.now();
		const isWelcome =
			UNLIMITED_ROUTES.has(route) || this.#requests.take(readCaller(request).group, Date.now());
		if (!isWelcome) this.metrics.refused('request_rate');
		const response = isWelcome ? await answerIt() : tooManyRequests();
		const seconds = (performance.now() - startedMs) / 1000;
		this.metrics.answered(route ?? 'none', request.method, response.status, seconds);
		return response;
	}

	/** Takes over upgrade requests to the signalling path; false for every other path. */
	handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
		return this.#signalling.handleUpgrade(req, socket, head);
	}

	/** Closes every signalling socket and every file. */
	async close(): Promise<void> {
		this.anchoring.stop();
		this.#receipts.close();
		this.#catalogues.close();
		// The outbox first: it must not take the end of the chain for an answer.
		await Promise.all([this.redeem.close(), this.#backend.close(), this.#signalling.close()]);
	}
}

function tooManyRequests(): Response {
	return refuse({
		status: 429,
		code: 'too_many_requests',
		message: 'Too many requests from this address; try again in a moment.'
	});
}
