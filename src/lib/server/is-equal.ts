/** Compares digests, so that the time taken says nothing about a secret's characters or length. */
export async function isEqual(a: string, b: string): Promise<boolean> {
	const digest = async (text: string) =>
		Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text)));
	const [digestA, digestB] = await Promise.all([digest(a), digest(b)]);
	return digestA.equals(digestB);
}
