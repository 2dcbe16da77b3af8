import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  readRequest,
  receiptFacts,
  sha256,
  trustInLog,
  verifyReceipt,
  type ProvenReceipt,
} from '#audit/verify'
import { platformSha256 } from '../../../src/audit/platform-sha256.ts'
import { PersonKey } from '../../support/person-key.ts'
import type { Page } from './page.ts'
import { Scene } from './scene.ts'

/** A call in which people said yes, no and yes no more, and its evidence. */
async function decided() {
  const scene = await Scene.open({}, { uiSha256 })
  const [host, alice] = [await scene.join('host'), await scene.join('alice')]
  const bob = await scene.join('bob')
  await host.send()
  await scene.ask(host, { policy: 'each' })
  const replies = [await host.decide('given'), await alice.decide('given')]
  await bob.decide('refused')
  await scene.pass(5000)
  await scene.until(() => scene.tappedOf().length === 1)
  const withdrawn = await alice.decide('withdrawn')
  await scene.idle()
  return { scene, host, alice, bob, replies: [...replies, withdrawn] }
}
const uiSha256 = 'c5'.repeat(32)

/** As anybody would who has nothing but the two texts and the name of the log. */
async function proven(scene: Scene, texts: unknown): Promise<ProvenReceipt> {
  const { tlogProof, opening } = JSON.parse(JSON.stringify(texts)) as Record<string, string>
  const trust = await trustInLog(sha256, scene.log.vkey)
  return verifyReceipt(platformSha256, { tlogProof: tlogProof!, opening: opening! }, trust)
}

async function everything(scene: Scene, { snapshot }: Page) {
  const entries = await scene.log.ask({ what: 'session', session: snapshot.session.id })
  const indexes = entries.map(({ index }) => index)
  const answer = await scene.log.ask({ what: 'receipts', indexes, seen: emptyTree })
  return entries.map((entry, i) => ({ ...entry, receipt: answer?.receipts[i] ?? undefined }))
}
const emptyTree = { size: 0, root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' }

describe('the evidence of a call', () => {
  test('L17 for every decision the exact words can be had, with their language and the page that showed them', async () => {
    const { scene, host } = await decided()
    const shown = host.all('consent.changed').flatMap(({ consent }) =>
      'notice' in consent ? [consent.notice] : [],
    )
    const all = await everything(scene, host)
    const requests = all.filter(({ core }) => core?.type === 'request')
    const decisions = all.filter(({ core }) => core?.type === 'decision')
    expect([requests.length, decisions.length]).toEqual([3, 4])
    for (const { receipt } of [...requests, ...decisions]) {
      const { notice } = await proven(scene, receipt)
      expect(shown).toContain(notice?.text)
      expect(notice?.says.policyText).toMatchObject({ lang: 'en', version: '1' })
    }
    for (const { core } of requests) expect(core).toMatchObject({ notice: { uiSha256 } })
  })

  test('L18 every yes is proven by its receipt alone, over the person’s own signature', async () => {
    const { scene, host } = await decided()
    const given = (await everything(scene, host)).filter(
      ({ core }) => core?.type === 'decision' && core.event.state === 'given',
    )
    expect(given).toHaveLength(2)
    for (const { receipt, ref } of given) {
      const { signed } = await proven(scene, receipt)
      expect(signed?.decision).toMatchObject({ decision: 'given', sub: ref })
    }
  })

  test('L19 whoever decides is given the receipt in the reply, and it says what they did', async () => {
    const { scene, replies } = await decided()
    const said = await Promise.all(
      replies.map(async ({ receipt, index }) => {
        const facts = receiptFacts(await proven(scene, receipt))
        expect(facts.index).toBe(index)
        return [facts.name, facts.decision]
      }),
    )
    expect(said).toEqual([
      ['host', 'given'],
      ['alice', 'given'],
      ['alice', 'withdrawn'],
    ])
  })

  test('L20 no name, account or room stands in the tree’s own file, nor in the part of a record that stays', async () => {
    const { scene, host } = await decided()
    const leaves = Buffer.concat([scene.files.log, `${scene.files.log}-wal`].map((file) => readFileSync(file)))
    const cores = JSON.stringify((await everything(scene, host)).map(({ core }) => core))
    for (const word of ['alice', 'issuer.example', 'standup']) {
      expect(leaves.includes(word), word).toBe(false)
      expect(cores.includes(word), word).toBe(false)
    }
  })

  test('L30 both clocks are in the record, and a receipt tells when they are more than five minutes apart', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await scene.ask(host)
    const clocks = async (page: Page, behindS: number) => {
      const { receipt } = await page.seat.request('consent.decide', late(page, behindS))
      const facts = await proven(scene, receipt)
      return { core: facts.core, limits: receiptFacts(facts).limits }
    }
    const near = await clocks(host, 290)
    const far = await clocks(alice, 310)
    expect([near.limits.includes('clocks'), far.limits.includes('clocks')]).toEqual([false, true])
    const { time, clientTime } = far.core.event as { time: number; clientTime: number }
    expect(Math.round((time - clientTime) / 1000)).toBeGreaterThanOrEqual(309)
  })

  test('L32 who cannot sign is not taken for someone who can: their no acts, their yes does not', async () => {
    const scene = await Scene.open()
    const [host, phone] = [await scene.join('host'), await scene.join('phone')]
    await scene.ask(host, { policy: 'each' })
    const { decisionJws: _, ...unsigned } = phone.words('given')
    await expect(phone.seat.request('consent.decide', unsigned)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    })
    await phone.seat.request('consent.decide', { ...unsigned, decision: 'refused' })
    const decisions = (await everything(scene, host)).filter(({ core }) => core?.type === 'decision')
    expect(decisions).toMatchObject([{ core: { event: { state: 'refused' } }, isSigned: false }])
  })
})

describe('L2 at the door a yes is refused, and nobody is recorded by it,', () => {
  test.each([
    ['that another key signed', (_: Page, request: string) => new PersonKey().decide(request, 'given')],
    ['that signs a no', (page: Page, request: string) => page.key.decide(request, 'refused')],
    [
      'that follows a decision that was never made',
      (page: Page, request: string) => page.key.decide(request, 'given', { prev: 'a'.repeat(64) }),
    ],
    [
      'that names a tree which the page was not shown',
      (page: Page, request: string) =>
        page.key.decide(request, 'given', { seen: { size: 1, root: emptyTree.root } }),
    ],
  ])('%s', async (_, sign) => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await host.send()
    await scene.ask(host)
    const decisionJws = sign(alice, requestTo(alice))
    await expect(
      alice.seat.request('consent.decide', { ...alice.words('given'), decisionJws }),
    ).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
    await host.decide('given')
    await scene.pass(5000)
    expect(alice.view).toMatchObject({ state: 'asked', you: 'asked' })
    expect(scene.vault.recordings).toEqual([])
  })

  test('that was signed by another person for themselves', async () => {
    const scene = await Scene.open()
    const [host, alice] = [await scene.join('host'), await scene.join('alice')]
    await scene.ask(host)
    await expect(
      alice.seat.request('consent.decide', host.words('given')),
    ).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' })
  })
})

const requestTo = ({ view }: Page): string => {
  if (!('request' in view) || view.request === undefined) throw new Error('not asked')
  return view.request
}

/** A yes by a page whose clock is behind. */
function late(page: Page, behindS: number) {
  const request = requestTo(page)
  const iat = readRequest(request).claims.iat - behindS
  return { ...page.words('given'), decisionJws: page.key.decide(request, 'given', { iat }) }
}
