import { Notice } from '#protocol'
import { sha256 } from './hash.ts'
import type { NoticeBytes } from './session-effects.ts'
import type { NoticeCheck } from './state.ts'

/**
 * Whether these bytes are the ones that a decision would name, and read as the notice of this very request. Only then
 * may a page show them beside two answers.
 */
export async function checkNotice(bytes: NoticeBytes): Promise<NoticeCheck> {
  const shown = await sha256(bytes.notice).catch(() => null) // Without a secure context no browser can hash.
  if (shown !== bytes.noticeSha256) return { state: 'mismatch' }
  const notice = readNotice(bytes.notice)
  if (notice?.requestId !== bytes.requestId || notice.policy !== bytes.policy)
    return { state: 'mismatch' }
  return { state: 'matches', notice }
}

/** What a notice says, such as the one that `preview` returns; undefined when the text is none. */
export function readNotice(text: string): Notice | undefined {
  try {
    return Notice.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // Not JSON: the same as not being a notice.
  }
}
