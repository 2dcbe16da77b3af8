import type { Decision, HeldReceipt } from '#sdk'
import { requestTerms } from '../../../src/audit/entry.ts'
import { notice, requestId, session } from './scene-notice.ts'

const shown = notice('everyone')
const said = { given: 'agreed', refused: 'declined', withdrawn: 'withdrew' } as const

/** A receipt as a page holds it after it was checked; its texts are what the test's page shows, not what it checks. */
export const heldReceipt = (
  decision: Decision,
  change: Partial<HeldReceipt> = {},
): HeldReceipt => ({
  id: `00000000000${['given', 'refused', 'withdrawn'].indexOf(decision)}`,
  texts: { tlogProof: 'c2sp.org/tlog-proof@v1\n', opening: JSON.stringify({ v: 1, decision }) },
  log: {
    origin: 'calls.example/consent/2026-a',
    vkey: 'calls.example/consent/2026-a+00000000+AAAA',
    statementJwk: { crv: 'Ed25519', kty: 'OKP', x: 'A'.repeat(43) },
  },
  session: session.id,
  person: `person_${'a'.repeat(26)}`,
  time: session.startedAt + 600_000,
  verdict: {
    state: 'verified',
    what: {
      decision,
      cause: 'click',
      time: session.startedAt + 600_000,
      session: session.id,
      person: `person_${'a'.repeat(26)}`,
      name: 'Tomas',
      requestId,
      asked: {
        ...requestTerms(shown),
        askedBy: shown.askedBy.name,
        sessionStartedMs: session.startedAt,
        policy: shown.policy,
        version: shown.policyText.version,
        date: shown.policyText.date,
      },
      notice: JSON.stringify(shown),
      noticeSha256: 'a'.repeat(64),
      signer: {
        by: 'person',
        alg: 'Ed25519',
        jkt: 'kX3qAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA9f0A',
        signedMs: session.startedAt + 599_000,
        tokenSha256: null,
      },
      origin: 'calls.example/consent/2026-a',
      index: 18_204,
      size: 18_377,
      root: `${'A'.repeat(43)}=`,
      afterSize: 18_200,
      witnesses: [],
      quorum: 'none',
      said: said[decision],
      claims: ['shown', 'person', 'log'],
      limits: ['who', 'name', 'noWitness', 'later', 'device'],
      clocksApartMs: 1000,
    },
  },
  ...change,
})
