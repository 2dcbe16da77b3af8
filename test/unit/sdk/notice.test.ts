import { expect, test } from 'vitest'
import { newId } from '#protocol'
import { sha256 } from '../../../client/sdk/hash.ts'
import { checkNotice } from '../../../client/sdk/notice.ts'
import { noticeOf } from '../../support/notice-text.ts'

const requestId = newId.request()
const notice = noticeOf(requestId)

const bytesOf = async (text: string) => ({
  requestId,
  policy: 'everyone' as const,
  notice: text,
  noticeSha256: await sha256(text),
})

/** What the page's own side of the log says of the signed request. */
const evidence = (can: boolean, isMine = true) => ({
  canSign: async () => can,
  checkRequest: async () => {
    if (!isMine) throw new Error('it asks someone else')
  },
})

test('the exact bytes that the hash names, signed for this very page, may be agreed to', async () => {
  const bytes = { ...(await bytesOf(JSON.stringify(notice))), request: 'signed' }
  expect(await checkNotice(bytes, evidence(true))).toEqual({
    state: 'matches',
    notice,
    canAgree: true,
  })
})

test('what this page cannot sign is shown, and cannot be agreed to', async () => {
  const bytes = await bytesOf(JSON.stringify(notice))
  const unsignable = { state: 'matches', notice, canAgree: false }
  expect(await checkNotice(bytes, evidence(true))).toEqual(unsignable)
  expect(await checkNotice({ ...bytes, request: 'signed' }, evidence(false))).toEqual(unsignable)
})

test('what the server signed for someone else, or as something else, is not shown beside answers', async () => {
  const bytes = { ...(await bytesOf(JSON.stringify(notice))), request: 'signed' }
  expect(await checkNotice(bytes, evidence(true, false))).toEqual({ state: 'mismatch' })
})

test('SHA-256 is over the UTF-8 bytes', async () => {
  // The first is NIST's example for FIPS 180-4, the second from coreutils.
  expect(await sha256('abc')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
  expect(await sha256('ü')).toBe('607474ca475a9724d7360aba71a56d5df77e61350e3f724cfa1f46e857e2d85f')
})

test.each<[string, (text: string) => Promise<Parameters<typeof checkNotice>[0]>]>([
  [
    'one byte of it changed',
    async (text) => ({ ...(await bytesOf(text)), notice: text.replace('Minutes', 'minutes') }),
  ],
  [
    'its hash is of other bytes',
    async (text) => ({ ...(await bytesOf(text)), noticeSha256: await sha256(`${text} `) }),
  ],
  [
    'it is of another request',
    async (text) => ({ ...(await bytesOf(text)), requestId: newId.request() }),
  ],
  ['it names another rule', async (text) => ({ ...(await bytesOf(text)), policy: 'each' })],
  ['it is not JSON', async () => bytesOf('{')],
  [
    'it lacks who can open the recording',
    async () => bytesOf(JSON.stringify({ ...notice, recipients: [] })),
  ],
  ['it says more than a notice may', async () => bytesOf(JSON.stringify({ ...notice, ad: 'x' }))],
])('no answer can be given when %s', async (_name, spoil) => {
  const bytes = { ...(await spoil(JSON.stringify(notice))), request: 'signed' }
  expect(await checkNotice(bytes, evidence(true))).toEqual({ state: 'mismatch' })
})
