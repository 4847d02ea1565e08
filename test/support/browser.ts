import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { service } from './service.js';

/** Why a story that needs a browser was left out. */
export const NO_BROWSER = 'There is no Chromium: install it (on Debian: apt-get install chromium).';

/** Starts this machine's Chromium, without a window; `undefined` where there is none and none can be had. */
export async function startBrowser(): Promise<Browser | undefined> {
  const executablePath = await service('chromium');
  if (executablePath === '') return undefined;
  return chromium.launch({ executablePath, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false });
}
