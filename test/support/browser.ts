import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * A headless Chromium out of npm, with the network closed but for this machine: no name is resolved, so a page that needs anything
 * from elsewhere fails.
 */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({
    executablePath: await chromium.executablePath(),
    args: [
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      '--disable-gpu',
      // Containers have little shared memory, and Chromium's own sandbox refuses to run as root.
      '--disable-dev-shm-usage',
      '--no-sandbox',
    ],
  });
}
