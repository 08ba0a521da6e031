import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What scripts make and may lose: test models, browser profiles, reports. */
export const CACHE = path.join(ROOT, '.cache');
export const inRoot = (...parts: string[]): string => path.join(ROOT, ...parts);
