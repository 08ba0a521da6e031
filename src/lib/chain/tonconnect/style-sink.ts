/**
 * Where the styles of TON Connect's dialog go. Its styling library (goober) writes into a `<style>` element
 * that it makes itself, which our content security policy forbids. It first looks for `window._goober`
 * and sets `firstChild.data` on what it finds; what it finds here passes the text to a constructed
 * style sheet, which the policy does not restrict. Source: goober, `src/core/get-sheet.js`.
 */
const NAME = '_goober';

/**
 * With one wallet in this browser there is nothing to scan: the QR code and its heading go.
 */
const WITHOUT_CODE = `
[data-single-wallet] [data-tc-wallets-modal-universal-desktop] > h1 + h2,
[data-single-wallet] [data-tc-wallets-modal-universal-desktop] > h1 + h2 + div,
[data-single-wallet] [data-tc-wallets-modal-universal-desktop] > h1 + h2 + div + h2 { display: none; }
`;

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
			sheet.replaceSync(styles + WITHOUT_CODE);
		}
	};
	Object.assign(window, { [NAME]: { firstChild } });
	document.adoptedStyleSheets.push(sheet);
}
