/** Which version of a file a response speaks of, and whether two responses speak of the same. */

/** What tells one version of a file from the next; kept beside an unfinished file. */
export interface FileVersion {
	etag: string | null;
	lastModified: string | null;
	/** As announced; null where the source does not say. */
	totalBytes: number | null;
}

/** `Content-Range: bytes 5-9/10`. */
function contentRange(response: Response): { start: number; total: number | null } | null {
	const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('Content-Range') ?? '');
	if (match === null) return null;
	return { start: Number(match[1]), total: match[2] === '*' ? null : Number(match[2]) };
}

/**
 * The version in a response to a request for everything from byte `from`. Headers that CORS hides
 * are null, as are those that the source does not send.
 */
export function versionOf(response: Response, from: number): FileVersion {
	const { headers, status } = response;
	const length = headers.get('Content-Length');
	// The length of a compressed body is not the length of what comes out of `fetch`.
	const isPlain = headers.get('Content-Encoding') === null;
	const rest = length !== null && isPlain && /^\d+$/.test(length) ? Number(length) : null;
	const offset = status === 206 ? from : 0;
	return {
		etag: headers.get('ETag'),
		lastModified: headers.get('Last-Modified'),
		totalBytes:
			(status === 206 ? contentRange(response)?.total : null) ??
			(rest === null ? null : offset + rest)
	};
}

/** Whether a 206 begins at the byte that was asked for; true where CORS hides the answer. */
export function startsAt(response: Response, from: number): boolean {
	return (contentRange(response)?.start ?? from) === from;
}

/** RFC 9110, section 8.8.3.2: only strong validators prove that bytes are the same. */
const strong = (etag: string | null): string | null => (etag?.startsWith('"') ? etag : null);

/**
 * Whether a part of version `next` may be put behind a part of version `known`.
 *
 * @param isPinned where neither names itself, a pinned hash of the whole will tell in the end
 */
export function isSameVersion(known: FileVersion, next: FileVersion, isPinned: boolean): boolean {
	const sizesAgree =
		known.totalBytes === null || next.totalBytes === null || known.totalBytes === next.totalBytes;
	if (!sizesAgree) return false;
	if (strong(known.etag) !== null && strong(next.etag) !== null) return known.etag === next.etag;
	if (known.lastModified !== null && next.lastModified !== null) {
		return known.lastModified === next.lastModified;
	}
	return isPinned;
}
