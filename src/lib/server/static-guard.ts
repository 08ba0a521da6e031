import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

/**
 * Makes file answers of sirv 3.0.2 safe; Kit's adapter serves the built files with it too:
 *
 * - `Range: bytes=9-3` makes it throw inside the request listener, which ends the process, and
 *   `bytes=-5` gets the wrong bytes: a range that is not `first-[last]` in order is ignored, as RFC 9110,
 *   section 14.2 allows;
 * - a file that vanishes while it is read is an unhandled error of its stream;
 * - when the client goes away, the file stays open;
 * - `HEAD` reads the whole file.
 */
export function guardStaticFiles(req: IncomingMessage, res: ServerResponse): void {
	const [, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(req.headers.range ?? '') ?? [];
	const isInOrder = first !== undefined && (!last || Number(first) <= Number(last));
	if (!isInOrder) delete req.headers.range;

	res.on('pipe', (source: Readable) => {
		source.on('error', () => res.destroy());
		if (req.method === 'HEAD') {
			source.unpipe(res);
			res.end();
		}
	});
	res.on('unpipe', (source: Readable) => source.destroy());
}
