import { spawn } from 'node:child_process';
import { ROOT } from './root.ts';

/** Runs a command of `node_modules/.bin` (or any other) in the project's root; true if it exits 0. */
export function execute(
	command: string,
	args: string[],
	env: Record<string, string> = {}
): Promise<boolean> {
	const child = spawn(command, args, {
		cwd: ROOT,
		stdio: ['ignore', 'inherit', 'inherit'],
		env: { ...process.env, ...env }
	});
	return new Promise((resolve) => {
		child.on('error', () => resolve(false));
		child.on('exit', (code) => resolve(code === 0));
	});
}
