/** Vite's development server with the same coordinator inside. */
import { execute } from './execute.ts';

process.exitCode = (await execute('vite', ['dev', ...process.argv.slice(2)])) ? 0 : 1;
