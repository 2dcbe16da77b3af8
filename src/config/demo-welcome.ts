import { join } from 'node:path'
import type { Demo } from './demo.ts'

/** What whoever tries it out reads first. */
export async function demoWelcome(demo: Demo, metricsPort: number): Promise<string> {
  const {
    identityFile,
    config: { dataDir },
  } = demo
  const link = (isHost: boolean) => demo.link({ room: 'demo', isHost })
  return `
Assent is running as a demonstration: it trusts only itself, and only this machine can reach it.
Open each link in a window of its own. The browser warns once: the certificate was made here.

  Host     ${await link(true)}

  Guest    ${await link(false)}

  Guest    ${await link(false)}

  Metrics  http://127.0.0.1:${metricsPort}/metrics

Recordings are kept in ${join(dataDir, 'recordings')} and can be opened with the key in ${identityFile}:
  npx assent open RECORDING --identity ${identityFile} --out opened
Stop with Ctrl-C.
`
}
