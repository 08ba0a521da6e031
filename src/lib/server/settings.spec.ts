import { describe, expect, it } from 'vitest';
import { readSettings, SettingsError, settingsWarnings } from './settings.ts';

describe('readSettings', () => {
	it('needs nothing: a coordinator for this machine, without ICE servers', () => {
		expect(readSettings({})).toMatchObject({
			port: 3000,
			host: '127.0.0.1',
			origin: null,
			iceServers: [],
			metricsToken: null,
			modelsDir: null,
			dataDir: '.data',
			network: 'devnet',
			tonEndpoint: null,
			tonApiKey: null,
			devnetBlockMs: 2000,
			allowsTimeTravel: false,
			trustedProxyHops: 0,
			socketsPerAddress: 20,
			newSocketsPerSecond: 5
		});
	});

	it('reads ICE servers with and without credentials', () => {
		const servers = [
			{ urls: 'stun:stun.example:3478' },
			{ urls: ['turn:t.example', 'turns:t.example:5349'], username: 'u', credential: 'c' }
		];
		expect(readSettings({ ICE_SERVERS: JSON.stringify(servers) }).iceServers).toEqual(servers);
	});

	it('knows where the real networks are reached, and how often one may ask there', () => {
		expect(readSettings({ NETWORK: 'mainnet' })).toMatchObject({
			tonEndpoint: 'https://toncenter.com/api/v2/jsonRPC',
			tonRequestsPerSecond: 1
		});
		const own = {
			NETWORK: 'testnet',
			TON_ENDPOINT: 'https://ton.example/rpc',
			TON_API_KEY: 'a-key-of-ours'
		};
		expect(readSettings(own)).toMatchObject({
			tonEndpoint: 'https://ton.example/rpc',
			tonRequestsPerSecond: 10
		});
		expect(readSettings({ ...own, TON_REQUESTS_PER_SECOND: '25' }).tonRequestsPerSecond).toBe(25);
	});

	it('takes an empty value as not set', () => {
		expect(readSettings({ PORT: '', METRICS_TOKEN: '' })).toEqual(readSettings({}));
	});

	it.each([
		['PORT', 'http'],
		['PORT', '70000'],
		['PORT', '-1'],
		['PORT', '3000.5'],
		['ORIGIN', 'mulberry.example'],
		['ORIGIN', 'https://mulberry.example/'],
		['ORIGIN', 'ftp://mulberry.example'],
		['ICE_SERVERS', 'stun:stun.example'],
		['ICE_SERVERS', '{"urls":"stun:a"}'],
		['ICE_SERVERS', '[{"url":"stun:a"}]'],
		['ICE_SERVERS', '[{"urls":"https://a"}]'],
		['ICE_SERVERS', '[{"urls":[]}]'],
		['METRICS_TOKEN', 'short'],
		['NETWORK', 'Mainnet'],
		['TON_ENDPOINT', 'toncenter.com'],
		['TON_ENDPOINT', 'ftp://toncenter.com/rpc'],
		['TON_API_KEY', 'short'],
		['TON_API_KEY', 'with a space in it'],
		['TON_REQUESTS_PER_SECOND', '0'],
		['CHAIN_REQUESTS_PER_SECOND', '0'],
		['FAUCET_GRANTS_PER_HOUR', '0'],
		['DEVNET_BLOCK_MS', '9'],
		['DEVNET_TIME_TRAVEL', 'yes'],
		['LOG_LEVEL', 'loud'],
		['TRUSTED_PROXY_HOPS', 'yes'],
		['SOCKETS_PER_ADDRESS', '0']
	])('a wrong %s (%s) is named', (name, value) => {
		const read = () => readSettings({ [name]: value });
		expect(read).toThrow(SettingsError);
		expect(read).toThrow(new RegExp(`^${name}\\b`));
	});

	it('names every wrong setting, what was expected and what came', () => {
		const read = () => readSettings({ PORT: 'x', LOG_LEVEL: 'loud' });
		expect(read).toThrow(/^PORT: expected a whole number from 0 to 65535; came "x"$/m);
		expect(read).toThrow(/^LOG_LEVEL: .*"loud"/m);
	});

	it('does not repeat secrets in an error', () => {
		expect(() => readSettings({ TON_API_KEY: 'hunter 2 has a space' })).toThrow(
			/^(?!.*hunter)TON_API_KEY/s
		);
		expect(() => readSettings({ TON_ENDPOINT: 'ftp://hunter2.example' })).toThrow(
			/^(?!.*hunter2)TON_ENDPOINT/s
		);
		expect(() => readSettings({ METRICS_TOKEN: 'hunter2' })).toThrow(
			/^(?!.*hunter2)METRICS_TOKEN/s
		);
		const withPassword = '[{"urls":"stun:a","password":"hunter2"}]';
		expect(() => readSettings({ ICE_SERVERS: withPassword })).toThrow(/^(?!.*hunter2)ICE_SERVERS/s);
	});
});

describe('settingsWarnings', () => {
	const warnings = (env: Record<string, string>) => settingsWarnings(readSettings(env));

	it('warns when people far away are expected and there is no STUN', () => {
		expect(warnings({ ORIGIN: 'https://mulberry.example' })).toEqual([
			expect.stringContaining('ICE_SERVERS')
		]);
		expect(warnings({ ORIGIN: 'https://localhost.example' })).toHaveLength(1);
	});

	it.each([
		[{ TON_API_KEY: 'a-key-of-ours' }, 'NETWORK is devnet'],
		[{ TON_ENDPOINT: 'https://ton.example' }, 'NETWORK is devnet'],
		[{ DEVNET_TIME_TRAVEL: '1' }, 'DEVNET_TIME_TRAVEL'],
		[
			{ NETWORK: 'mainnet', TON_ENDPOINT: 'http://ton.example', TON_API_KEY: 'a-key-of-ours' },
			'in the clear'
		]
	])('warns of %j', (env, words) => {
		expect(warnings(env as Record<string, string>)).toEqual([expect.stringContaining(words)]);
	});

	it.each([
		{},
		{ NETWORK: 'mainnet', TON_API_KEY: 'a-key-of-ours' },
		{ NETWORK: 'testnet', TON_ENDPOINT: 'http://localhost:8081/rpc', TON_API_KEY: 'a-key-of-ours' },
		{ ORIGIN: 'http://localhost:3000' },
		{ ORIGIN: 'http://127.0.0.1:3000' },
		{ ORIGIN: 'http://[::1]:3000' },
		{ ORIGIN: 'https://mulberry.example', ICE_SERVERS: '[{"urls":"stun:stun.example"}]' }
	])('says nothing for %j', (env) => {
		expect(warnings(env as Record<string, string>)).toEqual([]);
	});
});
