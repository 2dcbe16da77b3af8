import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formatReceipt, type ReceiptTexts } from '#audit/verify'
import { exportCommand } from '../../../src/cli/export.ts'
import { verifyCommand } from '../../../src/cli/verify.ts'
import { alteredFile, withoutProof } from '../../support/altered.ts'
import { pendingPolicy, ReceiptScene } from '../../support/receipts.ts'
import { refusal } from '../../unit/audit/exports/schemas.ts'

let scene: ReceiptScene
let yes: ReceiptTexts
let silence: ReceiptTexts
let about: Awaited<ReturnType<ReceiptScene['answered']>>
beforeAll(async () => {
  scene = await ReceiptScene.open()
  about = await scene.answered({ decision: 'given' })
  const silent = await scene.answered({ decision: 'refused', cause: 'timeout', isSigned: false })
  yes = await scene.receipt(about.index)
  silence = await scene.receipt(silent.index)
})
afterAll(() => scene[Symbol.asyncDispose]())

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'assent-receipt-command-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text)
  return join(dir, name)
}
const policy = () => file('policy', `log ${scene.log.vkey}\nquorum none\n`)

async function run(
  command: typeof verifyCommand,
  ...args: readonly string[]
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const code = await command(args, {
    stdout: { write: (text: string) => (said.out += text) },
    stderr: { write: (text: string) => (said.err += text) },
  })
  return { code, ...said }
}
const verify = (...args: readonly string[]) => run(verifyCommand, ...args)
const exported = (...args: readonly string[]) => run(exportCommand, ...args)

describe('assent verify RECEIPT', () => {
  test('says in plain words what is proven, by whom, when, and what is not', async () => {
    const receipt = file('r.json', formatReceipt(yes))
    const { code, out, err } = await verify(receipt, '--policy', policy())
    expect([code, err]).toEqual([0, ''])
    for (const said of [
      'VERIFIED. A person agreed to be recorded on 2026-10-14 at 10:29:41 UTC.',
      'Asked       by “Maya”, for Example GmbH',
      'Purpose     “Minutes”',
      'Recorded    sound, cameras; only if everyone agrees',
      'Kept        30 days from the end, in Frankfurt, DE',
      'entry 1 of 4 of localhost:4443/consent/test',
      `thumbprint ${about.jkt}`,
      'says itself that it joined this call',
      '2026-10-14T10:29:41.000Z  the person’s own clock',
      'after the log had 1 of its entries',
      '- Who sat at the device',
      '- The name: it is what the server was told.',
      '- That others are shown this same log: the policy asks for no witness.',
      '- What came afterwards',
    ])
      expect(out).toContain(said)
  })

  test('takes the log’s key alone, as text or as a file', async () => {
    const receipt = file('r.json', formatReceipt(yes))
    expect((await verify(receipt, '--vkey', scene.log.vkey)).code).toBe(0)
    expect((await verify(receipt, '--vkey', file('vkey', `${scene.log.vkey}\n`))).code).toBe(0)
  })

  test('takes the two files of a pair, by either name, and both as one receipt', async () => {
    const proof = file('a.tlog-proof', yes.tlogProof)
    const opening = file('a.opening.json', yes.opening)
    for (const names of [[proof], [opening], [proof, opening]]) {
      const { code, out } = await verify(...names, '--vkey', scene.log.vkey, '--json')
      expect(code).toBe(0)
      expect(JSON.parse(out)).toMatchObject({
        verified: true,
        receipts: [{ file: proof, state: 'verified', facts: { decision: 'given' } }],
      })
    }
  })

  test('of a key that a token names says that the server says so, and who can check it', async () => {
    const tokenSha256 = 'b'.repeat(64)
    const { index } = await scene.answered({ decision: 'given', tokenSha256 })
    const receipt = file('t.json', formatReceipt(await scene.receipt(index)))
    const { code, out } = await verify(receipt, '--vkey', scene.log.vkey)
    expect(code).toBe(0)
    expect(out).toContain(
      `The key     is named by a token, the server says; whoever has that can check: SHA-256 ${tokenSha256}`,
    )
    expect(out).toContain('- That a token names the key: only the server says so, and the token is not in this file.')
    expect(out).not.toMatch(/issuer|sign-in/)
  })

  test('of a silence says that it is the server’s word', async () => {
    const { code, out } = await verify(
      file('s.json', formatReceipt(silence)),
      '--vkey',
      scene.log.vkey,
    )
    expect(code).toBe(0)
    expect(out).toContain('VERIFIED. A person gave no answer, which counts as no, on 2026-10-14')
    expect(out).toContain('Signed by   nobody: the server alone attests it')
    expect(out).toContain('- That the person did this: the server alone says so.')
    expect(out).not.toContain('Who sat at the device')
  })

  test('of a no whose signature was cut out says that there may be one, never that nobody signed', async () => {
    const { index } = await scene.answered({ decision: 'refused' })
    const receipt = file('c.json', formatReceipt(withoutProof(await scene.receipt(index))))
    const { code, out } = await verify(receipt, '--vkey', scene.log.vkey)
    expect(code).toBe(0)
    expect(out).toContain('Signed by   unknown: a signature may exist, this file holds only its digest')
    expect(out).toContain('- Whether the person signed this: what is left is the server’s word.')
    expect(out).not.toContain('nobody:')
    expect(out).not.toContain('- That the person did this')
  })

  test('refuses a yes whose signature was cut out, and says what is left', async () => {
    const receipt = file('c.json', formatReceipt(withoutProof(yes)))
    const { code, out } = await verify(receipt, '--vkey', scene.log.vkey)
    expect(code).toBe(1)
    expect(out).toContain('NOT VERIFIED. It says yes, and this file holds no signature under it.')
    expect(out).toContain('[receipt-unseen-yes]')
    expect(out).toContain('without it, a yes is only the server’s word')
    expect(out).not.toContain('nobody signed')
  })

  test('of witnesses that have not answered says so', async () => {
    const pending = file('p', pendingPolicy(scene.log.vkey))
    const { code, out } = await verify(file('r.json', formatReceipt(yes)), '--policy', pending)
    expect(code).toBe(0)
    expect(out).toContain('- That the policy’s witnesses have seen it: too few have yet.')
  })

  test('of clocks far apart says by how much', async () => {
    const { index } = await scene.answered({ decision: 'given', behindMs: 42 * 60_000 })
    const receipt = file('r.json', formatReceipt(await scene.receipt(index)))
    const { out } = await verify(receipt, '--vkey', scene.log.vkey)
    expect(out).toContain('- Which of the two clocks is right: they are 42 minutes apart.')
  })

  test('refuses what was changed, with the step, the code, and what to do', async () => {
    const receipt = file('r.json', alteredFile(yes, 'notice'))
    const { code, out } = await verify(receipt, '--vkey', scene.log.vkey)
    expect(code).toBe(1)
    expect(out).toContain('NOT VERIFIED. The notice in it is not the one that was decided upon.')
    expect(out).toContain('[receipt-notice]')
    expect(out).toContain('What to do: do not rely on it.')
  })

  test('of several says a line each, and returns the worst', async () => {
    const good = file('good.json', formatReceipt(yes))
    const bad = file('bad.json', alteredFile(yes, 'proof hash'))
    const missing = join(dir, 'missing.json')
    const trust = ['--vkey', scene.log.vkey]
    const two = await verify(good, bad, ...trust)
    expect(two.code).toBe(1)
    expect(two.out.split('\n')).toEqual([
      `verified      ${good}: A person agreed to be recorded on 2026-10-14 at 10:29:41 UTC.`,
      `NOT VERIFIED  ${bad}: proof: the signed tree has another leaf there  [proof-root]`,
      '',
    ])
    const three = await verify(good, bad, missing, ...trust)
    expect(three.code).toBe(2)
    expect(three.out).toContain(`not checked   ${missing} cannot be read`)
    expect((await verify(good, good, ...trust)).code).toBe(0)
  })

  test('cannot be tried without knowing whom to trust, and says where to find that', async () => {
    const { code, out, err } = await verify(file('r.json', formatReceipt(yes)))
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('give --policy FILE or --vkey KEY')
    expect(err).toContain('https://localhost:4443/log/policy')
    // Not there when the log is not published.
    expect(err).not.toContain('/vkey')
  })

  test.each([
    ['a key and a policy', () => ['--vkey', scene.log.vkey, '--policy', policy()], 'not both'],
    ['a policy that is cut off', () => ['--policy', file('p', 'log')], '[policy-unterminated]'],
    ['a key with a wrong letter', () => ['--vkey', scene.log.vkey.slice(0, -2)], '[base64]'],
    ['a key that is no file', () => ['--vkey', 'nowhere'], 'there is no key file nowhere'],
    ['a policy that is no file', () => ['--policy', join(dir, 'none')], 'cannot be read'],
  ])('is misused by %s', async (_, options, said) => {
    const { code, err } = await verify(file('r.json', formatReceipt(yes)), ...options())
    expect(code).toBe(2)
    expect(err).toContain(said)
    expect(err).toContain('Usage: assent verify')
  })

  test('lets no text of a stranger take over the terminal', async () => {
    const text = 'Minutes\u001b[2K\nVERIFIED. \u202eforged'
    const purposes = [{ ...about.notice.purposes[0]!, text }]
    const { index } = await scene.answered({ decision: 'refused' }, { notice: { purposes } })
    const receipt = file('r.json', formatReceipt(await scene.receipt(index)))
    const { out } = await verify(receipt, '--vkey', scene.log.vkey)
    for (const letter of ['\u001b', '\u202e']) expect(out).not.toContain(letter)
    expect(out.match(/^VERIFIED/gm)).toHaveLength(1)
    expect(out).toContain('Purpose     “Minutes\ufffd[2K\ufffdVERIFIED. \ufffdforged”')
  })
})

describe('assent export RECEIPT', () => {
  test.each(['iso27560', 'kantara', 'vcon'] as const)(
    'writes %s of a yes, as its schema wants it',
    async (format) => {
      const receipt = file('r.json', formatReceipt(yes))
      const trust = ['--vkey', scene.log.vkey]
      const { code, out, err } = await exported(receipt, '--as', format, ...trust)
      expect([code, err]).toEqual([0, ''])
      expect(refusal(format, JSON.parse(out))).toBeUndefined()
      expect(out).not.toContain('Maya')
    },
  )

  test.each(['iso27560', 'vcon'] as const)(
    'writes %s of a silence, from the notice',
    async (format) => {
      const receipt = file('s.json', formatReceipt(silence))
      const { code, out } = await exported(receipt, '--as', format, '--policy', policy())
      expect(code).toBe(0)
      expect(refusal(format, JSON.parse(out))).toBeUndefined()
      expect(out).not.toContain('requestJws')
    },
  )

  test('writes of a signature that was cut out that it is not at hand', async () => {
    const { index } = await scene.answered({ decision: 'refused' })
    const whole = await scene.receipt(index)
    const methods = await Promise.all(
      [whole, withoutProof(whole), silence].map(async (texts, i) => {
        const receipt = file(`${i}.json`, formatReceipt(texts))
        const { out } = await exported(receipt, '--as', 'iso27560', '--vkey', scene.log.vkey)
        expect(refusal('iso27560', JSON.parse(out))).toBeUndefined()
        return /(?:signed|attested) by the [^"]*/.exec(out)?.[0]
      }),
    )
    expect(methods).toEqual([
      'signed by the person',
      'attested by the server, a signature is not at hand',
      'attested by the server',
    ])
  })

  test('says the same of what was asked, whether the person signed it or the notice tells', async () => {
    const twist = { notice: { ...about.notice, hostMayChange: true } }
    const silent = { decision: 'refused', cause: 'timeout', isSigned: false } as const
    const [signed, attested] = await Promise.all(
      [{ decision: 'refused' } as const, silent].map(async (answer, i) => {
        const { index } = await scene.answered(answer, twist)
        const receipt = file(`${i}.json`, formatReceipt(await scene.receipt(index)))
        const { out } = await exported(receipt, '--as', 'iso27560', '--vkey', scene.log.vkey)
        return (JSON.parse(out) as Record<string, Record<string, unknown>>)['dpv:hasRecordOfActivity']!
      }),
    )
    for (const part of ['dpv:hasProcess', 'dpv:hasNotice', 'dpv:hasEntity']) {
      const ofThemselves = (record: Record<string, unknown>) =>
        JSON.stringify(record[part]).replaceAll(String(record['@id']), '')
      expect(ofThemselves(attested!)).toBe(ofThemselves(signed!))
    }
  })

  test('of a yes whose notice is gone, from what was signed', async () => {
    const receipts = [yes, withoutNotice(yes)].map((texts, i) =>
      file(`${i}.json`, formatReceipt(texts)),
    )
    const [whole, without] = await Promise.all(
      receipts.map((each) => exported(each, '--as', 'vcon', '--vkey', scene.log.vkey)),
    )
    expect(without).toEqual(whole)
    expect(whole?.code).toBe(0)
  })

  test('into a file that was not there, for its owner alone', async () => {
    const receipt = file('r.json', formatReceipt(yes))
    const out = join(dir, 'out.json')
    const args = [receipt, '--as', 'vcon', '--vkey', scene.log.vkey, '--out', out]
    expect(await exported(...args)).toMatchObject({ code: 0, out: '' })
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect(refusal('vcon', JSON.parse(readFileSync(out, 'utf8')))).toBeUndefined()
    const again = await exported(...args)
    expect(again.code).toBe(2)
    expect(again.err).toContain('is there already; nothing was overwritten')
  })

  test.each([
    ['a changed receipt', () => alteredFile(yes, 'name'), 'iso27560', '[proof-root]'],
    ['a no as kantara', () => formatReceipt(silence), 'kantara', '[export-not-given]'],
    ['nothing said', () => formatReceipt(withoutNotice(silence)), 'vcon', '[export-no-terms]'],
  ])('refuses %s, and writes nothing', async (_, text, format, said) => {
    const receipt = file('r.json', text())
    const out = join(dir, 'out.json')
    const trust = ['--vkey', scene.log.vkey]
    const { code, err } = await exported(receipt, '--as', format, ...trust, '--out', out)
    expect(code).toBe(1)
    expect(err).toContain(said)
    expect(existsSync(out)).toBe(false)
  })

  test.each([
    ['no format', ['--vkey', 'x'], 'name the format with --as'],
    ['another format', ['--as', 'constructor', '--vkey', 'x'], 'name the format with --as'],
    ['nobody to trust', ['--as', 'vcon'], 'whose signature counts'],
  ])('is misused with %s', async (_, options, said) => {
    const { code, err } = await exported(file('r.json', formatReceipt(yes)), ...options)
    expect(code).toBe(2)
    expect(err).toContain(said)
  })
})

function withoutNotice(texts: ReceiptTexts): ReceiptTexts {
  const { notice: _, ...opening } = JSON.parse(texts.opening) as { notice: string }
  return { ...texts, opening: JSON.stringify(opening) }
}
