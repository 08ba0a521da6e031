import * as v from 'valibot';
import { NETWORK_NAMES, NETWORKS, type NetworkName } from '../chain/networks.ts';

/** The coordinator's settings, read from the environment once at start-up. */

export interface IceServer {
	urls: string | string[];
	username?: string | undefined;
	credential?: string | undefined;
}

const whole = (min: number, max: number) =>
	v.pipe(
		v.string(),
		v.regex(/^\d{1,9}$/, `expected a whole number from ${min} to ${max}`),
		v.transform(Number),
		v.check(
			(value) => value >= min && value <= max,
			`expected a whole number from ${min} to ${max}`
		)
	);

const httpOrigin = v.pipe(
	v.string(),
	v.check((text) => {
		const url = URL.parse(text);
		return (url?.protocol === 'http:' || url?.protocol === 'https:') && url.origin === text;
	}, 'expected an origin such as https://mulberry.example, without a path')
);

const httpUrl = v.pipe(
	v.string(),
	v.check((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), 'expected http: or https:')
);

const flag = v.pipe(
	v.picklist(['0', '1'], 'expected 0 or 1'),
	v.transform((text) => text === '1')
);

const iceUrl = v.pipe(
	v.string(),
	v.regex(/^(stuns?|turns?):[^\s]+$/, 'expected stun:, turn: or turns:')
);
const iceServers = v.pipe(
	v.string(),
	v.parseJson(undefined, 'expected JSON: a list of {"urls": …, "username"?, "credential"?}'),
	v.array(
		v.strictObject({
			urls: v.union([iceUrl, v.pipe(v.array(iceUrl), v.minLength(1))]),
			username: v.optional(v.string()),
			credential: v.optional(v.string())
		})
	)
);

const environment = v.object({
	PORT: v.optional(whole(0, 65_535), '3000'),
	/** Only this machine unless told otherwise; `0.0.0.0` for everybody. */
	HOST: v.optional(v.string(), '127.0.0.1'),
	ORIGIN: v.optional(httpOrigin),
	ICE_SERVERS: v.optional(iceServers, '[]'),
	METRICS_TOKEN: v.optional(v.pipe(v.string(), v.minLength(16, 'expected at least 16 characters'))),
	MODELS_DIR: v.optional(v.string()),
	DATA_DIR: v.optional(v.string(), '.data'),
	NETWORK: v.optional(v.picklist(NETWORK_NAMES), 'devnet'),
	TON_ENDPOINT: v.optional(httpUrl),
	TON_API_KEY: v.optional(
		v.pipe(v.string(), v.regex(/^[\x21-\x7e]{8,256}$/, 'expected 8 to 256 visible characters'))
	),
	TON_REQUESTS_PER_SECOND: v.optional(whole(1, 10_000)),
	CHAIN_REQUESTS_PER_SECOND: v.optional(whole(1, 10_000), '10'),
	FAUCET_GRANTS_PER_HOUR: v.optional(whole(1, 1_000_000), '30'),
	DEVNET_BLOCK_MS: v.optional(whole(10, 60_000), '2000'),
	DEVNET_TIME_TRAVEL: v.optional(flag, '0'),
	LOG_LEVEL: v.optional(
		v.picklist(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
		'info'
	),
	TRUSTED_PROXY_HOPS: v.optional(whole(0, 8), '0'),
	MAX_SOCKETS: v.optional(whole(1, 100_000), '5000'),
	SOCKETS_PER_ADDRESS: v.optional(whole(1, 100_000), '20'),
	NEW_SOCKETS_PER_SECOND: v.optional(whole(1, 10_000), '5'),
	REQUESTS_PER_SECOND: v.optional(whole(1, 10_000), '20'),
	LOG_ADDS_PER_SECOND: v.optional(whole(1, 10_000), '5'),
	SHUTDOWN_SECONDS: v.optional(whole(0, 300), '5')
});

export interface Settings {
	port: number;
	host: string;
	/** Where people open the pages; `null`: wherever the request says. */
	origin: string | null;
	iceServers: IceServer[];
	metricsToken: string | null;
	modelsDir: string | null;
	/**
	 * What outlives the process lies here: the log of receipts, the local chain, and messages to be
	 * sent again.
	 */
	dataDir: string;
	network: NetworkName;
	/** Where the network is reached; without meaning on the devnet, which the coordinator runs itself. */
	tonEndpoint: string | null;
	tonApiKey: string | null;
	/** What the endpoint allows. */
	tonRequestsPerSecond: number;
	/** What one address may ask of the chain. */
	chainRequestsPerSecond: number;
	/** What one address may ask of the devnet's faucet. */
	faucetGrantsPerHour: number;
	devnetBlockMs: number;
	/** For tests alone. */
	allowsTimeTravel: boolean;
	logLevel: v.InferOutput<typeof environment>['LOG_LEVEL'];
	trustedProxyHops: number;
	maxSockets: number;
	socketsPerAddress: number;
	newSocketsPerSecond: number;
	requestsPerSecond: number;
	/** What one address may add to the log. */
	logAddsPerSecond: number;
	shutdownSeconds: number;
}

/** A setting that is wrong; its message names each one, what was expected and what came. */
export class SettingsError extends Error {
	override name = 'SettingsError';
}

/** The endpoint too: some have the key in their path. */
const SECRETS = new Set(['METRICS_TOKEN', 'ICE_SERVERS', 'TON_ENDPOINT', 'TON_API_KEY']);
/** What toncenter allows with a free key, and without one. */
const RATE_WITH_KEY = 10;
const RATE_WITHOUT_KEY = 1;

/**
 * @throws {SettingsError} naming every setting that is wrong
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
	const given = Object.fromEntries(
		// `PORT= npm start` means "not set".
		Object.keys(environment.entries).flatMap((name) => (env[name] ? [[name, env[name]]] : []))
	);
	const parsed = v.safeParse(environment, given);
	if (!parsed.success) throw new SettingsError(parsed.issues.map(explain).join('\n'));
	const s = parsed.output;
	return {
		port: s.PORT,
		host: s.HOST,
		origin: s.ORIGIN ?? null,
		iceServers: s.ICE_SERVERS,
		metricsToken: s.METRICS_TOKEN ?? null,
		modelsDir: s.MODELS_DIR ?? null,
		dataDir: s.DATA_DIR,
		network: s.NETWORK,
		tonEndpoint: s.TON_ENDPOINT ?? NETWORKS[s.NETWORK].endpoint,
		tonApiKey: s.TON_API_KEY ?? null,
		tonRequestsPerSecond:
			s.TON_REQUESTS_PER_SECOND ?? (s.TON_API_KEY ? RATE_WITH_KEY : RATE_WITHOUT_KEY),
		chainRequestsPerSecond: s.CHAIN_REQUESTS_PER_SECOND,
		faucetGrantsPerHour: s.FAUCET_GRANTS_PER_HOUR,
		devnetBlockMs: s.DEVNET_BLOCK_MS,
		allowsTimeTravel: s.DEVNET_TIME_TRAVEL,
		logLevel: s.LOG_LEVEL,
		trustedProxyHops: s.TRUSTED_PROXY_HOPS,
		maxSockets: s.MAX_SOCKETS,
		socketsPerAddress: s.SOCKETS_PER_ADDRESS,
		newSocketsPerSecond: s.NEW_SOCKETS_PER_SECOND,
		requestsPerSecond: s.REQUESTS_PER_SECOND,
		logAddsPerSecond: s.LOG_ADDS_PER_SECOND,
		shutdownSeconds: s.SHUTDOWN_SECONDS
	};
}

function explain(issue: v.BaseIssue<unknown>): string {
	const path = v.getDotPath(issue) ?? '';
	const [name = ''] = path.split('.');
	const came = SECRETS.has(name) ? '' : `; came ${JSON.stringify(issue.input)}`;
	return `${path}: ${issue.message}${came}`;
}

/** What is allowed but will probably disappoint. */
export function settingsWarnings(settings: Settings): string[] {
	return [...iceWarnings(settings), ...chainWarnings(settings)];
}

function iceWarnings({ origin, iceServers }: Settings): string[] {
	const urls = iceServers.flatMap((server) => server.urls);
	if (!isPublic(origin) || urls.some((url) => /^(stun|turn)s?:/.test(url))) return [];
	return [
		'ICE_SERVERS has no STUN server, and ORIGIN is not localhost: peers on different networks will not reach each other.'
	];
}

function chainWarnings(settings: Settings): string[] {
	const { network, tonEndpoint, tonApiKey, allowsTimeTravel } = settings;
	const isDevnet = network === 'devnet';
	const warnings: string[] = [];
	if (isDevnet && (tonEndpoint || tonApiKey)) {
		warnings.push('TON_ENDPOINT and TON_API_KEY have no effect: NETWORK is devnet.');
	}
	if (isDevnet && allowsTimeTravel) {
		warnings.push('DEVNET_TIME_TRAVEL is on: anybody may move the local chain’s clock.');
	}
	if (!isDevnet && tonApiKey && isOpenToEavesdroppers(tonEndpoint)) {
		warnings.push('TON_ENDPOINT is not https: TON_API_KEY travels in the clear.');
	}
	return warnings;
}

function isOpenToEavesdroppers(endpoint: string | null): boolean {
	const url = URL.parse(endpoint ?? '');
	return url?.protocol === 'http:' && !isLocalhost(url.hostname);
}

function isPublic(origin: string | null): boolean {
	return origin !== null && !isLocalhost(new URL(origin).hostname);
}

export function isLocalhost(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
