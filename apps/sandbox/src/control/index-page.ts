import { faults } from '../faults/fault-names.js';
import type { SandboxContext } from '../context.js';

const escaped = (text: string): string => text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`);

/** A page that lists the served providers and the available faults. */
export function indexPage({ simulators, port }: SandboxContext): string {
  const rows = simulators.all().map(({ factory: { provider }, mount }) => {
    const journal = `<a href="/__sim/journal?provider=${provider}">journal</a>`;
    const state = `<a href="/__sim/state?provider=${provider}">state</a>`;
    return `<tr><td>${escaped(provider)}</td><td><code>${escaped(port.url + mount)}</code></td><td>${journal} · ${state}</td></tr>`;
  });
  const lines = Object.entries(faults).map(
    ([name, about]) => `<tr><td><code>${name}</code></td><td>${escaped(about)}</td></tr>`,
  );
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sandbox</title>
<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
td{padding:.2rem .8rem .2rem 0;vertical-align:top;overflow-wrap:anywhere}td:first-child{overflow-wrap:normal}</style></head>
<body><h1>Sandbox</h1><p>Simulated providers for trying things out and for tests; nothing here reaches a real one.</p>
<h2>Providers</h2><table>${rows.join('\n')}</table>
<h2>Control</h2><p><a href="/__sim">providers and demo credentials</a> · <a href="/__sim/journal">journal</a> ·
<a href="/__sim/faults">faults</a> · <a href="/__sim/rate">rate</a> · <a href="/__sim/state">state</a> · <a href="/__sim/clock">clock</a></p>
<h2>Faults</h2><table>${lines.join('\n')}</table></body></html>
`;
}
