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
		{},
		{ ORIGIN: 'http://localhost:3000' },
		{ ORIGIN: 'http://127.0.0.1:3000' },
		{ ORIGIN: 'http://[::1]:3000' },
		{ ORIGIN: 'https://mulberry.example', ICE_SERVERS: '[{"urls":"stun:stun.example"}]' }
	])('says nothing for %j', (env) => {
		expect(warnings(env as Record<string, string>)).toEqual([]);
	});
});
