import { randomBytes } from 'node:crypto';

/**
 * GraphiQL's page with what it may do: run its own script, which a nonce tells from any other, and the editor's workers, which that
 * script makes; show styles, which the editor writes as it goes; and ask this server.
 */
export function withContentPolicy(page: string, nonce = randomBytes(16).toString('base64')): Response {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  // The first one is the page's own; all later ones are text within it.
  const marked = page.replace('<script>', `<script nonce="${nonce}">`);
  return new Response(marked, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy.join('; ') },
  });
}
