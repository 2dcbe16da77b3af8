import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { observer } from 'mediasoup'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLog, openConsentLog, type ConsentLog } from '#audit'
import { startMedia, type Media } from '#media'
import { createMetrics, type Metrics } from '#metrics'
import { newId, RoomId, type RtpParameters, type Source } from '#protocol'
import { openVault } from '#recording'
import { AllRooms, RecorderTally } from '#rooms'
import { Page, principal } from '../../unit/rooms/page.ts'
import { tenant } from '../../unit/rooms/scene.ts'
import { logFiles, logOptions } from '../../support/log-files.ts'
import { newStatementKey } from '../../support/person-key.ts'

/** What a browser offers for each kind, as its own rtpParameters say it. */
const opus = (ssrc: number): RtpParameters => ({
  mid: '0',
  codecs: [
    {
      mimeType: 'audio/opus',
      payloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { minptime: 10, useinbandfec: 1 },
      rtcpFeedback: [{ type: 'transport-cc' }],
    },
  ],
  headerExtensions: [
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 },
    { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1 },
  ],
  encodings: [{ ssrc, dtx: false }],
  rtcp: { cname: 'page', reducedSize: true },
})
const vp8 = (ssrc: number): RtpParameters => ({
  mid: '1',
  codecs: [
    {
      mimeType: 'video/VP8',
      payloadType: 96,
      clockRate: 90_000,
      parameters: {},
      rtcpFeedback: [
        { type: 'goog-remb' },
        { type: 'transport-cc' },
        { type: 'ccm', parameter: 'fir' },
        { type: 'nack' },
        { type: 'nack', parameter: 'pli' },
      ],
    },
    {
      mimeType: 'video/rtx',
      payloadType: 97,
      clockRate: 90_000,
      parameters: { apt: 96 },
      rtcpFeedback: [],
    },
  ],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 }],
  encodings: [{ ssrc, rtx: { ssrc: ssrc + 1 } }],
  rtcp: { cname: 'page', reducedSize: true },
})

const dir = mkdtempSync(join(tmpdir(), 'assent-rooms-'))
const statements = newStatementKey()
const workers: number[] = []
const died: string[] = []
let log: ConsentLog
let media: Media
let metrics: Metrics
let rooms: AllRooms

beforeAll(async () => {
  observer.on('newworker', ({ pid }) => workers.push(pid))
  log = await openConsentLog({
    ...logOptions(dir, statements),
    onFailed: () => undefined,
  })
  const workerBin = process.env['MEDIASOUP_WORKER_BIN']
  media = await startMedia({
    workers: 2,
    listen: [{ ip: '127.0.0.1' }],
    firstPort: 0,
    rtcPorts: { min: 20_000, max: 49_999 },
    iceServers: [],
    ...(workerBin !== undefined && { workerBin }),
    log: (_, message) => died.push(message),
  })
  metrics = createMetrics()
  rooms = new AllRooms({
    log,
    statements,
    uiSha256: null,
    media,
    metrics,
    vault: openVault({
      folder: join(dir, 'recordings'),
      logOrigin: log.origin,
      removedFile: join(dir, 'removed'),
    }),
    tally: new RecorderTally(metrics),
    now: Date.now,
    failed: (cause) => died.push(String(cause)),
    iceServers: () => [],
    tenantOf: () => tenant,
    wishesOf: () => ({ neverRecorded: false, name: null }),
  })
})

afterAll(async () => {
  await rooms[Symbol.asyncDispose]()
  await media[Symbol.asyncDispose]()
  await log[Symbol.asyncDispose]()
  metrics[Symbol.dispose]()
  rmSync(dir, { recursive: true })
})

let ssrc = 1000
async function send(page: Page, source: Source) {
  const producerId = newId.producer()
  const rtpParameters = source === 'microphone' ? opus((ssrc += 10)) : vp8((ssrc += 10))
  await page.seat.request('media.produce', { producerId, source, rtpParameters, paused: false })
  return producerId
}

async function enter(
  subject: string,
  room: string,
  part: Parameters<Page['join']>[0] = {},
  issuer = 'https://issuer.example',
): Promise<Page> {
  const page = new Page(rooms, principal(subject, { room: RoomId.parse(room), issuer }))
  return page.join({
    router: media.router.sha256,
    capabilities: media.router.capabilities,
    ...part,
  })
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate)
}

test('the snapshot offers what others send already; what comes later is offered halted, until it is watched', async () => {
  const host = await enter('host', 'a')
  const [microphone, camera] = [await send(host, 'microphone'), await send(host, 'camera')]
  const alice = await enter('alice', 'a')
  expect(alice.snapshot.consumers).toMatchObject([
    {
      producerId: microphone,
      kind: 'audio',
      source: 'microphone',
      peerId: host.snapshot.you,
      producerPaused: false,
    },
    {
      producerId: camera,
      kind: 'video',
      rtpParameters: { codecs: [{ mimeType: 'video/VP8' }, { mimeType: 'video/rtx' }] },
    },
  ])
  const theirs = await send(alice, 'microphone')
  await until(() => host.all('media.consumers').length === 1)
  const [offer] = host.all('media.consumers')[0]!.consumers
  expect(offer).toMatchObject({ producerId: theirs, peerId: alice.snapshot.you })
  await host.seat.request('media.watch', { consumerIds: [offer!.consumerId] })
  await expect(
    alice.seat.request('media.watch', { consumerIds: [offer!.consumerId] }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await alice.leave()
  await until(() => host.all('media.consumersClosed').length === 1)
  expect(host.all('media.consumersClosed')).toEqual([{ consumerIds: [offer!.consumerId] }])
})

test('a page that resumes keeps its transports and streams; one that was loaded anew gets others', async () => {
  const [host, alice] = [await enter('host', 'b'), await enter('alice', 'b')]
  const microphone = await send(alice, 'microphone')
  alice.lose()
  const again = await enter('alice', 'b', { resume: alice.snapshot.resume })
  expect(again.snapshot).toMatchObject({
    resumed: true,
    transports: alice.snapshot.transports,
    you: alice.snapshot.you,
  })
  expect(host.all('media.consumersClosed')).toEqual([])
  const anew = await enter('alice', 'b', { resume: alice.snapshot.resume, freshMedia: true })
  expect(anew.snapshot.resumed).toBe(false)
  expect(anew.snapshot.transports.send.id).not.toBe(alice.snapshot.transports.send.id)
  expect(
    anew.snapshot.peers.flatMap(({ sending }) => sending).map(({ producerId }) => producerId),
  ).not.toContain(microphone)
})

test('a token that is renewed narrower ends the streams that it does not grant, for everyone', async () => {
  const [host, alice] = [await enter('host', 'c'), await enter('alice', 'c')]
  const camera = await send(alice, 'camera')
  await until(() => host.all('media.consumers').length === 1)
  alice.seat.renew(principal('alice', { room: RoomId.parse('c') }, { publish: ['microphone'] }))
  await until(() => host.all('media.consumersClosed').length === 1)
  expect(alice.all('media.producerRefused')).toEqual([
    { producerId: camera, code: 'NOT_AUTHORIZED' },
  ])
  await expect(send(alice, 'camera')).rejects.toMatchObject({ code: 'NOT_AUTHORIZED' })
})

test('P21 two issuers with one room name never meet', async () => {
  const [one, two] = [
    await enter('host', 'd'),
    await enter('host', 'd', {}, 'https://other.example'),
  ]
  await send(one, 'microphone')
  const three = await enter('alice', 'd', {}, 'https://other.example')
  expect(three.snapshot.peers.map(({ peerId }) => peerId)).toEqual([
    two.snapshot.you,
    three.snapshot.you,
  ])
  expect(three.snapshot.consumers).toEqual([])
})

test('P2 a call that nobody asked to record leaves no byte of it: no folder, no process, no entry', async () => {
  const { size } = await report()
  const [host, alice] = [await enter('host', 'e'), await enter('alice', 'e')]
  await send(host, 'microphone')
  await alice.leave()
  await host.leave()
  expect((await report()).size).toBe(size)
})

test('a killed worker costs its own rooms their transports, and no other room anything', async () => {
  const pages = await Promise.all(['f', 'g', 'h', 'i'].map((room) => enter('host', room)))
  const sending = await Promise.all(pages.map((page) => send(page, 'microphone')))
  const told = died.length
  process.kill(workers[0]!, 'SIGKILL')
  await until(() => died.length > told)
  // Whose stream is still there has lost nothing; the others are told as their rooms come back.
  const isSpared = await Promise.all(
    pages.map(({ seat }, place) =>
      seat.request('media.pause', { producerId: sending[place]! }).then(
        () => true,
        () => false,
      ),
    ),
  )
  const hit = pages.filter((_, place) => isSpared[place] === false)
  const spared = pages.filter((_, place) => isSpared[place] === true)
  expect([hit.length > 0, spared.length > 0]).toEqual([true, true])
  await until(() => hit.every((page) => page.all('media.restarted').length === 1))
  for (const page of hit) {
    await send(page, 'microphone')
    expect(page.all('media.restarted')[0]?.transports.send.id).not.toBe(
      page.snapshot.transports.send.id,
    )
    expect(page.closedWith).toEqual([])
  }
  for (const page of spared) {
    await send(page, 'camera')
    expect(page.all('media.restarted')).toEqual([])
  }
})

async function report() {
  return checkLog({ ...logFiles(dir), vkey: log.vkey })
}
