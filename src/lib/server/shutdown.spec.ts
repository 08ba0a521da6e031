import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { connectRequester } from './testing/signalling-client.ts';

const fixture = fileURLToPath(new URL('testing/serve-until-signal.ts', import.meta.url));
const mainFile = fileURLToPath(new URL('main.ts', import.meta.url));

let child: ChildProcess | null = null;
afterEach(() => child?.kill('SIGKILL'));

async function start(): Promise<{ process: ChildProcess; port: number }> {
	const process = spawn(globalThis.process.execPath, [fixture], {
		stdio: ['ignore', 'pipe', 'inherit']
	});
	child = process;
	const [line] = (await once(process.stdout, 'data')) as [Buffer];
	return { process, port: (JSON.parse(line.toString()) as { port: number }).port };
}

async function exitCode(process: ChildProcess): Promise<number | null> {
	const [code] = (await once(process, 'exit')) as [number | null];
	return code;
}

it.each(['SIGTERM', 'SIGINT'] as const)(
	'%s finishes the request under way, says goodbye to sockets and exits with 0',
	async (signal) => {
		const { process, port } = await start();
		const requester = await connectRequester(port);
		const slow = fetch(`http://127.0.0.1:${port}/slow`);
		await new Promise((resolve) => setTimeout(resolve, 100));
		const [goodbye, exit] = [requester.closed(), exitCode(process)];
		process.kill(signal);
		expect(await goodbye).toBe(1001);
		expect(await (await slow).text()).toBe('finished');
		expect(await exit).toBe(0);
	}
);

it('a request that never ends does not hold the shutdown beyond its deadline', async () => {
	const { process, port } = await start();
	const stuck = fetch(`http://127.0.0.1:${port}/stuck`).catch(() => 'cut off');
	await new Promise((resolve) => setTimeout(resolve, 100));
	const exit = exitCode(process);
	process.kill('SIGTERM');
	expect(await exit).toBe(0);
	expect(await stuck).toBe('cut off');
});

it('a wrong setting is named at start-up, and the process ends with 1', async () => {
	const process = spawn(globalThis.process.execPath, [mainFile], {
		env: { ...globalThis.process.env, PORT: 'http', ICE_SERVERS: 'none' },
		stdio: ['ignore', 'pipe', 'inherit']
	});
	child = process;
	let output = '';
	process.stdout.on('data', (data: Buffer) => (output += data.toString()));
	expect(await exitCode(process)).toBe(1);
	expect(output).toMatch(/wrong setting: PORT: expected a whole number/);
	expect(output).toMatch(/wrong setting: ICE_SERVERS: expected JSON/);
});
