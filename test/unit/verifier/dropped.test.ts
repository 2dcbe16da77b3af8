import { describe, expect, test } from 'vitest'
import { formatReceipt } from '#audit/verify'
import { idOf, readDropped, type SomeFile } from '../../../client/verifier/dropped.ts'

const texts = { tlogProof: 'c2sp.org/tlog-proof@v1\n', opening: '{"v":1}' }
const one = formatReceipt(texts)
const file = (name: string, body: string | Uint8Array<ArrayBuffer>, size?: number): SomeFile => {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  return { name, size: size ?? bytes.length, arrayBuffer: async () => bytes.buffer }
}

describe('what is dropped is sorted by what it is', () => {
  test('one file is a receipt; a proof and the opening of its name are another', async () => {
    const { receipts, policy } = await readDropped([
      file('b.opening.json', texts.opening),
      file('a.json', one),
      file('b.tlog-proof', texts.tlogProof),
    ])
    expect(policy).toBeNull()
    expect(receipts).toEqual([
      { name: 'b.tlog-proof', state: 'read', texts },
      { name: 'a.json', state: 'read', texts },
    ])
    expect(idOf(receipts[0]!)).toBe(idOf(receipts[1]!))
  })

  test.each(['a.tlog-proof', 'a.opening.json'])('%s alone is half a receipt', async (name) => {
    const other = file(name.startsWith('a.t') ? 'b.opening.json' : 'b.tlog-proof', '')
    const { receipts } = await readDropped([file(name, 'x'), other])
    expect(receipts).toContainEqual({ name, state: 'untried', why: 'half' })
    expect(receipts).toContainEqual({ name: other.name, state: 'untried', why: 'half' })
  })

  test.each(['log a\nquorum none\n', '# ours\n\nlog a\n', '\twitness w a\n', 'quorum none'])(
    'a policy is known by its lines, whatever it is called: %j',
    async (text) => {
      const { receipts, policy } = await readDropped([file('first', 'log b\n'), file('x.json', text)])
      expect(receipts).toEqual([])
      expect(policy).toEqual({ name: 'x.json', text })
    },
  )

  test('a receipt that has such a line in it is no policy', async () => {
    const { receipts, policy } = await readDropped([file('a', `${one}\nlog a\n`)])
    expect(policy).toBeNull()
    expect(receipts).toMatchObject([{ state: 'malformed', flaw: { code: 'receipt-form' } }])
  })

  test('what is no text, no receipt, or cannot be read at all says which', async () => {
    const gone: SomeFile = { ...file('gone', one), arrayBuffer: () => Promise.reject(new Error()) }
    const { receipts } = await readDropped([
      file('bytes', new Uint8Array([0xff])),
      file('empty', ''),
      gone,
      file('large', one, 20_000_001),
      file('largest', one, 20_000_000),
    ])
    expect(receipts).toMatchObject([
      { name: 'bytes', state: 'malformed', flaw: { code: 'utf8' } },
      { name: 'empty', state: 'malformed', flaw: { code: 'receipt-form' } },
      { name: 'gone', state: 'untried', why: 'read' },
      { name: 'large', state: 'untried', why: 'large' },
      { name: 'largest', state: 'read' },
    ])
  })

  test('half a pair that cannot be read spoils the pair, under the name of the proof', async () => {
    const { receipts } = await readDropped([
      file('a.tlog-proof', texts.tlogProof),
      file('a.opening.json', new Uint8Array([0xff])),
    ])
    expect(receipts).toMatchObject([
      { name: 'a.tlog-proof', state: 'malformed', flaw: { code: 'utf8' } },
    ])
  })
})
