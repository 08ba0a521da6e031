/** The main job: builds the pages if they are stale and runs the coordinator that serves them. */
import { buildIfStale } from './pages.ts';

await buildIfStale();
await import('../src/lib/server/main.ts');
