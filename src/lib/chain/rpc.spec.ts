import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRpc } from './rpc.ts';

const RAW = `0:${'a'.repeat(64)}`;
const FRIENDLY = 'EQCqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqseb';

const body = (method: string, params: unknown = {}, id: unknown = '1') =>
	JSON.stringify({ jsonrpc: '2.0', id, method, params });

describe('parseRpc', () => {
	it('gives equal calls one form', () => {
		const raw = parseRpc(body('getAddressInformation', { address: RAW }));
		const friendly = parseRpc(body('getAddressInformation', { address: FRIENDLY, extra: 1 }));
		expect(raw).toEqual({
			id: '1',
			ok: true,
			call: { method: 'getAddressInformation', params: { address: RAW } }
		});
		expect(friendly).toEqual(raw);
		expect(parseRpc(body('getTransactions', { address: RAW, lt: 7, limit: '3' }))).toMatchObject({
			call: { params: { address: RAW, lt: '7', limit: 3 } }
		});
	});

	it('fills in what toncenter fills in', () => {
		const parsed = parseRpc(body('runGetMethod', { address: RAW, method: 'seqno' }));
		expect(parsed).toMatchObject({ ok: true, call: { params: { stack: [] } } });
		expect(parseRpc(body('getTransactions', { address: RAW }))).toMatchObject({
			call: { params: { limit: 10 } }
		});
	});

	it.each([
		['getAddressInformation', { address: 'x' }, 'address'],
		['getAddressInformation', {}, 'address'],
		['getTransactions', { address: RAW, limit: 0 }, 'limit'],
		['getTransactions', { address: RAW, limit: 101 }, 'limit'],
		['getTransactions', { address: RAW, limit: 1.5 }, 'limit'],
		['getTransactions', { address: RAW, lt: '-1' }, 'lt'],
		['getTransactions', { address: RAW, hash: 'zz' }, 'hash'],
		['runGetMethod', { address: RAW, method: '' }, 'method'],
		['runGetMethod', { address: RAW, method: 'a', stack: [['list', []]] }, 'stack'],
		['runGetMethod', { address: RAW, method: 'a', stack: Array(33).fill(['num', '1']) }, 'stack'],
		['sendBoc', { boc: '' }, 'boc'],
		['sendBoc', { boc: 'not base64!' }, 'boc'],
		['sendBoc', { boc: 5 }, 'boc'],
		['shards', { seqno: -1 }, 'seqno'],
		['getBlockTransactions', { workchain: 5, shard: '1', seqno: 1 }, 'workchain'],
		['tryLocateResultTx', { source: RAW, destination: RAW }, 'created_lt']
	])('refuses %s with %j and names the field', (method, params, field) => {
		const parsed = parseRpc(body(method, params));
		expect(parsed).toMatchObject({ id: '1', ok: false, code: 422 });
		expect(parsed.ok ? '' : parsed.error).toContain(field);
	});

	it.each(['unknown', 'constructor', '__proto__', 'getConfigParam', 'close'])(
		'has no method %s',
		(method) => {
			expect(parseRpc(body(method))).toMatchObject({ ok: false, code: 404 });
		}
	);

	it.each(['', 'null', '[]', '5', '{', body('getMasterchainInfo', {}, {}), `[${body('shards')}]`])(
		'refuses the body %j',
		(text) => {
			expect(parseRpc(text)).toMatchObject({ id: null, ok: false, code: 422 });
		}
	);

	it('never throws, whatever comes', () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string(),
					fc.json(),
					fc.jsonValue().map((v) => body('sendBoc', v))
				),
				(text) => {
					expect(typeof parseRpc(text).ok).toBe('boolean');
				}
			)
		);
	});
});
