import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Address, beginCell, Cell, external, loadMessage, type TupleItem } from '@ton/core';
import { GetMethodError } from '@ton/sandbox';
import type { World } from './world.ts';

/**
 * A test chain behind the JSON-RPC of toncenter.com, version 2: the few methods that deploying needs.
 * Answers have the shapes that `TonClient` checks; what is missing here answers an error.
 */
export class ToncenterStub {
	private readonly world: World;
	private readonly server: Server;
	/** The methods that were called, in order. */
	readonly calls: string[] = [];

	private constructor(world: World) {
		this.world = world;
		this.server = createServer((request, response) => {
			void this.answer(request).then((body) => {
				response.setHeader('content-type', 'application/json');
				response.end(JSON.stringify({ jsonrpc: '2.0', id: '1', ...body }));
			});
		});
	}

	static async start(world: World): Promise<ToncenterStub> {
		const stub = new ToncenterStub(world);
		await new Promise<void>((resolve) => stub.server.listen(0, '127.0.0.1', resolve));
		return stub;
	}

	get endpoint(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v2/jsonRPC`;
	}

	async stop(): Promise<void> {
		await new Promise((resolve) => this.server.close(resolve));
	}

	private async answer(request: IncomingMessage) {
		try {
			const { method, params } = (await readJson(request)) as {
				method: string;
				params: Record<string, string>;
			};
			this.calls.push(method);
			const result = await this.call(method, (name) => params[name] ?? '');
			return { ok: true, result };
		} catch (error) {
			return { ok: false, code: 500, error: String(error) };
		}
	}

	private call(method: string, text: (name: string) => string): Promise<unknown> {
		switch (method) {
			case 'getAddressInformation':
				return this.accountState(Address.parse(text('address')));
			case 'runGetMethod':
				return this.runGetMethod(Address.parse(text('address')), text('method'));
			case 'sendBoc':
				return this.sendBoc(Cell.fromBase64(text('boc')));
			case 'estimateFee':
				return this.estimateFee(Address.parse(text('address')), text);
			default:
				throw new Error(`method: ${method} is not here`);
		}
	}

	private async accountState(address: Address): Promise<unknown> {
		const { balance, accountState } = await this.world.chain.getContract(address);
		const state = accountState?.type === 'active' ? accountState.state : null;
		return {
			balance: String(balance),
			state: state ? 'active' : 'uninitialized',
			code: state?.code?.toBoc().toString('base64') ?? '',
			data: state?.data?.toBoc().toString('base64') ?? '',
			last_transaction_id: { '@type': 'internal.transactionId', lt: '0', hash: '' },
			block_id: {
				'@type': 'ton.blockIdExt',
				...{ workchain: -1, shard: '0', seqno: 1, root_hash: '', file_hash: '' }
			},
			sync_utime: this.world.now
		};
	}

	private async runGetMethod(address: Address, method: string): Promise<unknown> {
		try {
			const { gasUsed, exitCode, stack } = await this.world.chain.runGetMethod(address, method);
			return { gas_used: Number(gasUsed), exit_code: exitCode, stack: stack.map(stackEntry) };
		} catch (error) {
			if (!(error instanceof GetMethodError)) throw error;
			return { gas_used: Number(error.gasUsed), exit_code: error.exitCode, stack: [] };
		}
	}

	private async sendBoc(boc: Cell): Promise<unknown> {
		await this.world.chain.sendMessage(loadMessage(boc.beginParse()));
		return { '@type': 'ok' };
	}

	/** What the message costs its wallet, by trying it and taking it back. */
	private async estimateFee(to: Address, text: (name: string) => string): Promise<unknown> {
		const cell = (name: string) => (text(name) === '' ? null : Cell.fromBase64(text(name)));
		const [code, data] = [cell('init_code'), cell('init_data')];
		const init = code && data ? { code, data } : null;
		const before = this.world.chain.snapshot();
		try {
			const body = Cell.fromBase64(text('body'));
			const message = external({ to, body, ...(init && { init }) });
			const { transactions } = await this.world.chain.sendMessage(message);
			const [first] = transactions;
			const info = first?.description;
			if (info?.type !== 'generic' || info.computePhase.type !== 'vm') throw new Error('not run');
			const gasNano = info.computePhase.gasFees;
			const storageNano = info.storagePhase?.storageFeesCollected ?? 0n;
			const actionNano = info.actionPhase?.totalActionFees ?? 0n;
			return {
				'@type': 'query.fees',
				source_fees: {
					'@type': 'fees',
					in_fwd_fee: Number((first?.totalFees.coins ?? 0n) - gasNano - storageNano - actionNano),
					storage_fee: Number(storageNano),
					gas_fee: Number(gasNano),
					fwd_fee: Number(info.actionPhase?.totalFwdFees ?? 0n)
				}
			};
		} finally {
			await this.world.chain.loadFrom(before);
		}
	}
}

function stackEntry(item: TupleItem): unknown {
	if (item.type === 'int') return ['num', `0x${item.value.toString(16)}`];
	if (item.type === 'cell' || item.type === 'slice') {
		return ['cell', { bytes: beginCell().storeSlice(item.cell.beginParse()).endCell().toBoc() }];
	}
	throw new Error(`stack: ${item.type} is not here`);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
	return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
