import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toNano } from '@ton/core';
import { mnemonicToPrivateKey } from '@ton/crypto';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest';
import { BEACON_VALUE_NANO, operatorOf } from '../../scripts/deploy-beacon.ts';
import { deployCommand } from '../../scripts/deploy-command.ts';
import { inRoot } from '../../scripts/root.ts';
import { Beacon } from '../../src/lib/chain/contracts/beacon.ts';
import { ToncenterStub } from './support/toncenter-stub.ts';
import { World } from './support/world.ts';

/** Made for this test with `mnemonicNew`; nobody's. */
const WORDS =
	'pig cotton tackle ice rotate silly forget deliver join seminar awesome blame near witness inhale anchor cave march van hole keep tattoo village pet';
const TESTNET_ID = -3;

async function run(...args: string[]): Promise<{ code: number; output: string }> {
	const lines: string[] = [];
	const code = await deployCommand(args, (line) => lines.push(line));
	return { code, output: lines.join('\n') };
}

describe('npm run contracts:deploy', () => {
	let folder: string;
	let keyFile: string;
	let world: World;
	let stub: ToncenterStub;
	let operator: ReturnType<typeof operatorOf>;

	beforeAll(async () => {
		folder = mkdtempSync(path.join(tmpdir(), 'mulberry-deploy-'));
		keyFile = path.join(folder, 'operator.txt');
		writeFileSync(keyFile, WORDS.replace(' ', '\n'), { mode: 0o600 });
		operator = operatorOf(await mnemonicToPrivateKey(WORDS.split(' ')), TESTNET_ID);
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	beforeEach(async () => {
		world = await World.create('mainnet', TESTNET_ID);
		// The command's signature lives by the real clock.
		world.pass(Math.floor(Date.now() / 1000) - world.now);
		stub = await ToncenterStub.start(world);
	});
	afterEach(() => stub.stop());

	const fund = (value: bigint) =>
		world.owner.send({ to: operator.wallet.address, value, bounce: false });
	const deploy = (...more: string[]) =>
		run('--network', 'testnet', '--key', keyFile, '--endpoint', stub.endpoint, ...more);
	const beacon = () =>
		world.chain.openContract(
			Beacon.createFromConfig({
				owner: operator.wallet.address,
				catalogue: new Uint8Array(32)
			})
		);

	it('says address and cost, and sends nothing', async () => {
		await fund(toNano('1'));
		const { code, output } = await deploy();
		expect(output).toContain(beacon().address.toString({ testOnly: true }));
		expect(output).toContain('Nothing was sent.');
		expect(code).toBe(0);
		expect(stub.calls).not.toContain('sendBoc');
		expect(await world.balance(operator.wallet.address)).toBe(toNano('1'));
	});

	it('deploys with --send, for what it said, and not a second time', async () => {
		await fund(toNano('1'));
		const { code, output } = await deploy('--send');
		expect(output).toContain('It is deployed.');
		expect(code).toBe(0);
		expect(await beacon().getVersion()).toBe(1);
		expect(await world.balance(beacon().address)).toBeGreaterThan(BEACON_VALUE_NANO - 200_000n);
		const said = toNano(/cost +([0-9.]+) TON/.exec(output)?.[1] ?? '0');
		const cost = toNano('1') - (await world.balance(operator.wallet.address));
		expect(said).toBe(cost);
		const again = await deploy('--send');
		expect(again.output).toContain('It is deployed already.');
		expect(again.code).toBe(0);
		expect(await world.balance(operator.wallet.address)).toBe(toNano('1') - cost);
		const head = { size: 1n, root: new Uint8Array(32), timeMs: world.now * 1000 };
		await expect(
			beacon().sendAnchor(world.owner.getSender(), { valueNano: toNano('0.1'), head })
		).resolves.toBeDefined();
		expect((await beacon().getLastHead()).size).toBe(0n);
	});

	it('stops when the wallet is too poor, and says how much is missing', async () => {
		await fund(toNano('0.05'));
		const { code, output } = await deploy('--send');
		expect(output).toMatch(/wallet: expected 0\.05\d+ TON, found 0\.05/);
		expect(code).toBe(1);
		expect(stub.calls).not.toContain('sendBoc');
	});

	it('takes no key from inside of the repository', async () => {
		const inside = inRoot('package.json');
		const { code, output } = await run('--network', 'testnet', '--key', inside);
		expect(output).toContain('key: expected a file outside of');
		expect(code).toBe(2);
	});

	it('takes no key that others can read, and no wrong words', async () => {
		const open = path.join(folder, 'open.txt');
		writeFileSync(open, WORDS, { mode: 0o644 });
		expect(await run('--network', 'testnet', '--key', open)).toMatchObject({ code: 2 });
		const wrong = path.join(folder, 'wrong.txt');
		writeFileSync(wrong, WORDS.replace(/^\w+/, 'abandon'), { mode: 0o600 });
		const { code, output } = await run('--network', 'testnet', '--key', wrong);
		expect(output).toContain('key: expected the 24 words');
		expect(output).not.toContain('abandon');
		expect(code).toBe(2);
	});

	it('is a command', async () => {
		const child = spawn(process.execPath, [inRoot('scripts', 'contracts-deploy.ts')]);
		let output = '';
		child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
		const code = await new Promise((resolve) => child.on('close', resolve));
		expect(output).toContain('network: expected testnet or mainnet, found nothing');
		expect(code).toBe(2);
	});

	it('explains itself when asked for something else', async () => {
		for (const args of [[], ['--network', 'devnet'], ['--network', 'testnet'], ['--key=']]) {
			const { code, output } = await run(...args);
			expect(output).toContain('usage: npm run contracts:deploy');
			expect(code).toBe(2);
		}
	});
});
