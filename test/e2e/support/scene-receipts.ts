import type { Decision, HeldReceipt } from '#sdk'
import { notice, requestId, session } from './scene-notice.ts'

/** A receipt as a page holds it after it was checked; its texts are what the test's page shows, not what it checks. */
export const heldReceipt = (
  decision: Decision,
  change: Partial<HeldReceipt> = {},
): HeldReceipt => ({
  id: `00000000000${['given', 'refused', 'withdrawn'].indexOf(decision)}`,
  texts: { tlogProof: 'c2sp.org/tlog-proof@v1\n', opening: '{"v":1}' },
  log: {
    origin: 'calls.example/consent/2026-a',
    vkey: 'calls.example/consent/2026-a+00000000+AAAA',
    statementJwk: { crv: 'Ed25519', kty: 'OKP', x: 'A'.repeat(43) },
  },
  session: session.id,
  time: session.startedAt + 600_000,
  verdict: {
    state: 'verified',
    what: {
      decision,
      cause: 'click',
      bySelf: true,
      jkt: 'kX3qAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9f0A',
      requestId,
      notice: JSON.stringify(notice('everyone')),
      time: session.startedAt + 600_000,
      index: 18_204,
      size: 18_377,
      origin: 'calls.example/consent/2026-a',
      witnesses: 0,
    },
  },
  ...change,
})
