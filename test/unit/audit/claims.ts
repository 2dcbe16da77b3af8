import { createHash } from 'node:crypto'
import { emptyTree, recordHeader, requestTerms, shownNotice } from '#audit'
import type { RequestClaims } from '#audit/verify'
import type { Notice } from '#protocol'
import { asked } from '../../support/person-key.ts'

/** What an honest server signs for one person under this notice, but for the key and the nonce. */
export function claimsFor(notice: Notice, person: string): Omit<RequestClaims, 'jkt' | 'nonce'> {
  const sha256 = createHash('sha256').update(JSON.stringify(notice)).digest('hex')
  const core = {
    ...recordHeader('request', notice.session.id),
    event: { state: 'requested', time: 1000, entity: person, validity: notice.validity },
    requestId: notice.requestId,
    subject: { ref: person },
    notice: shownNotice(notice, sha256, null),
    policy: notice.policy,
    ...requestTerms(notice),
  } as const
  const origin = 'localhost:4443/consent/test'
  const checkpoint = `${origin}\n0\n${emptyTree.root}\n\n— ${origin} AAAAAAAA\n`
  return { ...asked(core, { origin, checkpoint }), session: notice.session }
}
