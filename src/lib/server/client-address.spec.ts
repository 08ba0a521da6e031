import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { callerOf } from './client-address.ts';

function request(remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage {
	return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

describe('callerOf without proxies', () => {
	it('takes the socket’s address and ignores X-Forwarded-For', () => {
		const caller = callerOf(request('9.9.9.9', { 'x-forwarded-for': '1.1.1.1' }), 0);
		expect(caller).toEqual({ group: '9.9.9.9', isLocal: false });
	});

	it.each(['127.0.0.1', '127.5.6.7', '::1', '::ffff:127.0.0.1'])(
		'%s is this machine',
		(address) => {
			expect(callerOf(request(address), 0).isLocal).toBe(true);
		}
	);

	it.each(['x-forwarded-for', 'forwarded'])(
		'a request through an unknown proxy on this machine (%s) is not local',
		(header) => {
			expect(callerOf(request('127.0.0.1', { [header]: 'for=1.1.1.1' }), 0).isLocal).toBe(false);
		}
	);
});

describe('callerOf behind trusted proxies', () => {
	it('takes the entry that the outermost trusted proxy wrote', () => {
		const headers = { 'x-forwarded-for': '6.6.6.6, 1.1.1.1, 10.0.0.2' };
		expect(callerOf(request('10.0.0.3', headers), 1).group).toBe('10.0.0.2');
		expect(callerOf(request('10.0.0.3', headers), 2).group).toBe('1.1.1.1');
	});

	it.each([{}, { 'x-forwarded-for': 'nonsense' }, { 'x-forwarded-for': '127.0.0.1' }])(
		'with headers %j and two hops it falls back to the socket, which is not local',
		(headers) => {
			expect(callerOf(request('127.0.0.1', headers), 2)).toEqual({
				group: '127.0.0.1',
				isLocal: false
			});
		}
	);
});

describe('grouping of IPv6 addresses', () => {
	it.each([
		['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
		['2001:db8:1:2::', '2001:db8:1:2'],
		['2001:0DB8:0001:0002::ffff', '2001:db8:1:2'],
		['2001:db8::1', '2001:db8:0:0'],
		['::1', '0:0:0:0'],
		['::ffff:1.2.3.4', '1.2.3.4']
	])('%s counts as %s', (address, group) => {
		expect(callerOf(request(address), 0).group).toBe(group);
	});
});
