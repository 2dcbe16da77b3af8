import { expect, test } from 'vitest'
import { newId } from '#protocol'
import { sha256 } from '../../../client/sdk/hash.ts'
import { checkNotice } from '../../../client/sdk/notice.ts'
import { noticeOf } from './notice-text.ts'

const requestId = newId.request()
const notice = noticeOf(requestId)

const bytesOf = async (text: string) => ({
  requestId,
  policy: 'everyone' as const,
  notice: text,
  noticeSha256: await sha256(text),
})

test('the exact bytes that the hash names, of this very request, may be shown', async () => {
  expect(await checkNotice(await bytesOf(JSON.stringify(notice)))).toEqual({
    state: 'matches',
    notice,
  })
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
  expect(await checkNotice(await spoil(JSON.stringify(notice)))).toEqual({ state: 'mismatch' })
})
