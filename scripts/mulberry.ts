/** Mulberry on the command line: `npm run mulberry -- COMMAND …`. */
import { verifyCommand } from './commands/verify.ts';

interface Command {
	usage: string;
	/** @returns the exit status */
	run: (args: string[]) => Promise<number>;
}

const COMMANDS: Record<string, Command> = { verify: verifyCommand };

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (!command) {
	const usages = Object.values(COMMANDS).map(({ usage }) => `  npm run mulberry -- ${usage}`);
	console.error(`usage:\n${usages.join('\n')}`);
	process.exitCode = 3;
} else process.exitCode = await command.run(args);
