/** The real command in a process of its own, against a real coordinator. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatFileText, type ChatFile } from '../../src/lib/log/chat-file.ts';
import { makeAnswer } from '../../src/lib/protocol/testing/receipts.ts';
import {
	startCoordinator,
	type TestCoordinator
} from '../../src/lib/server/testing/start-coordinator.ts';
import { inRoot } from '../root.ts';

const folder = mkdtempSync(join(tmpdir(), 'mulberry-verify-'));
let coordinator: TestCoordinator;
let chat: ChatFile;
let receipt = '';

beforeAll(async () => {
	coordinator = await startCoordinator();
	const { evidence } = await makeAnswer({ question: 'How are you?' });
	const { job, offer, runs, entry, text } = evidence;
	receipt = entry;
	const origin = `http://127.0.0.1:${coordinator.port}`;
	await fetch(`${origin}/api/log/entries`, {
		method: 'POST',
		headers: { 'content-type': 'application/jose' },
		body: entry
	});
	chat = {
		typ: 'mulberry-chat',
		v: 1,
		exported: 1,
		coordinator: origin,
		chat: {
			title: 'A chat',
			model: 'tiny',
			createdAt: 1,
			settings: { system: '', temperature: null, maxTokens: null }
		},
		turns: [
			{ kind: 'question', at: 1, text: 'How are you?' },
			{
				kind: 'answer',
				at: 1,
				model: 'tiny',
				digest: null,
				text,
				outcome: { kind: 'done', finish: 'stop' },
				parts: [{ job, offer, runs, bytes: Buffer.byteLength(text), entry }],
				earlier: []
			}
		]
	};
});

afterAll(async () => {
	await coordinator.close();
	rmSync(folder, { recursive: true });
});

function mulberry(...args: string[]): Promise<{ status: number; output: string }> {
	const command = [inRoot('scripts/mulberry.ts'), ...args];
	return new Promise((resolve) => {
		const child = execFile(process.execPath, command, (_, out, err) =>
			resolve({ status: child.exitCode ?? -1, output: out + err })
		);
	});
}

function fileWith(text: string): string {
	const file = join(folder, `${Math.random()}.json`);
	writeFileSync(file, text);
	return file;
}

describe('mulberry verify', () => {
	it('says every step of a chat, asks its log, and is not content while no anchor is there', async () => {
		const { status, output } = await mulberry('verify', fileWith(chatFileText(chat)));
		expect(output).toContain(`Log of ${chat.coordinator}`);
		expect(output).toMatch(/✓ signature +The receipt is signed by contributor c[0-9a-f]{64}\./);
		expect(output).toMatch(/✓ text +Question and answer are the ones that were signed\./);
		expect(output).toMatch(/✓ entry +It is entry 0 of the log/);
		expect(output).toMatch(/✓ head +The log has only grown/);
		expect(output).toMatch(/– anchor +Not anchored on TON: this log never was\./);
		expect(output).toContain('not everything could be checked');
		expect(status).toBe(2);
	});

	it('fails at the text when one letter of an exported chat was changed', async () => {
		const changed = chatFileText(chat).replace('I am fine', 'I am fyne');
		const { status, output } = await mulberry('verify', fileWith(changed), '--offline');
		expect(output).toMatch(/✗ text +The answer is not the one that was signed\./);
		expect(output).toMatch(/✓ signature/);
		expect(status).toBe(1);
	});

	it('checks a receipt alone at the coordinator that is named', async () => {
		const args = ['--coordinator', chat.coordinator];
		const { status, output } = await mulberry('verify', fileWith(receipt), ...args);
		expect(output).toMatch(/✓ entry +It is entry 0/);
		expect(status).toBe(2);
	});

	it('says that a receipt is not in the log', async () => {
		const file = fileWith((await makeAnswer()).evidence.entry);
		const { status, output } = await mulberry('verify', file, '--coordinator', chat.coordinator);
		expect(output).toMatch(/✗ entry +The log does not have it\./);
		expect(status).toBe(1);
	});

	it.each([
		['nothing', [], 'usage'],
		['an unknown command', ['prove'], 'usage'],
		['no file', ['verify'], 'usage'],
		['a file that is not there', ['verify', join(folder, 'none')], 'ENOENT'],
		['another kind of file', ['verify', inRoot('package.json')], 'neither']
	])('refuses %s', async (_, args, expected) => {
		const { status, output } = await mulberry(...args);
		expect(output).toContain(expected);
		expect(status).toBe(3);
	});

	it('weighs evidence', async () => {
		const vectors = JSON.parse(readFileSync(inRoot('tests/vectors/receipts.json'), 'utf8')) as {
			log: { heads: string[] };
		};
		const [, one, two] = vectors.log.heads;
		const evidence = {
			typ: 'mulberry-evidence',
			v: 1,
			kind: 'fork',
			coordinator: 'https://mulberry.example',
			found: 1,
			heads: [one, two]
		};
		const { status, output } = await mulberry('verify', fileWith(JSON.stringify(evidence)));
		expect(output).toContain('This proves nothing');
		expect(status).toBe(1);
	});
});
