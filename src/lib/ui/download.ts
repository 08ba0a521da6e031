/** Hands a file to the browser to save. */
export function download(name: string, text: string, type = 'application/json'): void {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// Firefox reads it after the click.
	setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
