import { Notice } from '#protocol'
import type { Evidence } from './evidence.ts'
import { sha256 } from './hash.ts'
import type { NoticeBytes } from './session-effects.ts'
import type { NoticeCheck } from './state.ts'

/**
 * Whether these bytes are the ones that a decision would name, read as the notice of this very request, and are what the
 * server signed for this page. Only then may a page show them beside two answers.
 */
export async function checkNotice(
  bytes: NoticeBytes,
  evidence: Pick<Evidence, 'canSign' | 'checkRequest'>,
): Promise<NoticeCheck> {
  const { requestId, policy, noticeSha256, request } = bytes
  const shown = await sha256(bytes.notice).catch(() => null) // Without a secure context no browser can hash.
  if (shown !== noticeSha256) return { state: 'mismatch' }
  const notice = readNotice(bytes.notice)
  if (notice?.requestId !== requestId || notice.policy !== policy) return { state: 'mismatch' }
  if (request === undefined || !(await evidence.canSign()))
    return { state: 'matches', notice, canAgree: false }
  try {
    await evidence.checkRequest(request, notice, noticeSha256)
    return { state: 'matches', notice, canAgree: true }
  } catch {
    // A Flaw, whichever: the page shows no answers to what the server did not sign.
    return { state: 'mismatch' }
  }
}

/** What a notice says, such as the one that `preview` returns; undefined when the text is none. */
export function readNotice(text: string): Notice | undefined {
  try {
    return Notice.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // Not JSON: the same as not being a notice.
  }
}
