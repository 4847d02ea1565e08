import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { service } from './service.js';

/** The reason why browser tests are skipped. */
export const NO_BROWSER = 'There is no Chromium: install it (on Debian: apt-get install chromium).';

/** Starts headless Chromium; `undefined` if it is neither present nor installable. */
export async function startBrowser(): Promise<Browser | undefined> {
  const executablePath = await service('chromium');
  if (executablePath === '') return undefined;
  return chromium.launch({ executablePath, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
}
