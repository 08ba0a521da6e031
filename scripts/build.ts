/** Builds the pages and checks what a first visit downloads: `npm run build`. */
import { build } from './pages.ts';

await build();
