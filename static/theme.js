// Runs before the first paint, so that a chosen theme never flashes. A file of its own, because
// the content security policy allows no inline script.
(function () {
	try {
		var theme = localStorage.getItem('mulberry-theme');
		if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
	} catch (_) {
		// Storage is refused inside some frames: the system's theme stays.
	}
})();
