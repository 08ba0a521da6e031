import { TonClient } from '@ton/ton';
import { parseRpc, type ChainBackend } from '../rpc.ts';

type Adapter = NonNullable<TonClient['parameters']['httpAdapter']>;

/** The standard client on a chain of this process: no call leaves it. */
export function backendClient(backend: Pick<ChainBackend, 'call'>): TonClient {
	const httpAdapter: Adapter = async (config) => {
		const parsed = parseRpc(String(config.data));
		const reply = parsed.ok ? await backend.call(parsed.call) : parsed;
		const data = reply.ok
			? { ok: true, result: reply.result }
			: { ok: false, code: reply.code, error: reply.error };
		const status = reply.ok ? 200 : reply.code;
		return { data, status, statusText: '', headers: {}, config };
	};
	return new TonClient({ endpoint: 'http://this-process.invalid/', httpAdapter });
}
