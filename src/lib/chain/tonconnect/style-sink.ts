/**
 * Where the styles of TON Connect's dialog go. Its styling library (goober) writes into a `<style>` element
 * that it makes itself, which our content security policy forbids. It first looks for `window._goober`
 * and sets `firstChild.data` on what it finds; what it finds here passes the text to a constructed
 * style sheet, which the policy does not restrict. Source: goober, `src/core/get-sheet.js`.
 */
const NAME = '_goober';

/** Call it before the dialog is loaded. */
export function catchDialogStyles(): void {
	if (NAME in window) return;
	const sheet = new CSSStyleSheet();
	let text = '';
	const firstChild = {
		get data() {
			return text;
		},
		set data(styles: string) {
			text = styles;
			sheet.replaceSync(styles);
		}
	};
	Object.assign(window, { [NAME]: { firstChild } });
	document.adoptedStyleSheets.push(sheet);
}
