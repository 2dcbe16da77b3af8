import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { newId } from '#protocol'
import { openCall, permit, produce } from './support/call.ts'
import { NumberedSound, recordedNumbers } from './support/sound.ts'

test('without a permit there is no process, no file and no folder', async () => {
  await using call = await openCall()
  const { recording, requestId } = call.newRecording()
  await recording.apply(permit(requestId, [], Date.now()))
  expect(await recording.revoke()).toEqual({ lastPacketAt: expect.any(Number) })
  expect(await recording.endInterval()).toEqual({ tracks: [] })
  expect(await recording.finish()).toBeNull()
  expect(existsSync(call.vaultFolder)).toBe(false)
})

test('after the withdrawal is confirmed not one packet of that person enters; the others go on', async () => {
  await using call = await openCall()
  const [ann, ben] = [newId.person(), newId.person()]
  const [hers, his] = [
    await produce(call, ann, 'microphone', 'opus'),
    await produce(call, ben, 'microphone', 'opus'),
  ]
  using annSpeaks = new NumberedSound(hers)
  using benSpeaks = new NumberedSound(his)
  const { recording, requestId, folder } = call.newRecording()
  await recording.apply(permit(requestId, [hers, his], Date.now()))
  await annSpeaks.after(80)
  const atWithdrawal = annSpeaks.count
  const before = Date.now()
  const { lastPacketAt } = await recording.revoke(ann)
  expect(lastPacketAt).toBeGreaterThanOrEqual(before)
  expect(recording.tapped()).toEqual([his.producerId])
  const benAtWithdrawal = benSpeaks.count
  await annSpeaks.after(30)
  await recording.finish()
  const [reader] = call.readers
  const heard = await recordedNumbers(folder, ann, reader!)
  expect(heard.length).toBeGreaterThan(20)
  expect(Math.max(...heard)).toBeLessThan(atWithdrawal)
  expect(Math.max(...(await recordedNumbers(folder, ben, reader!)))).toBeGreaterThan(
    benAtWithdrawal,
  )
})

test('nothing from before the permit’s time is in it', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const hers = await produce(call, ann, 'microphone', 'opus')
  using speaks = new NumberedSound(hers)
  await speaks.after(20)
  const { recording, requestId, folder } = call.newRecording()
  const notBefore = Date.now()
  const first = speaks.count
  await recording.apply(permit(requestId, [hers], notBefore))
  await speaks.after(80)
  await recording.finish()
  const heard = await recordedNumbers(folder, ann, call.readers[0]!)
  expect(heard.length).toBeGreaterThan(10)
  expect(Math.min(...heard)).toBeGreaterThanOrEqual(first)
})

test('a permit from before the withdrawal does not bring the person back; a newer one does', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const hers = await produce(call, ann, 'microphone', 'opus')
  using speaks = new NumberedSound(hers)
  const { recording, requestId } = call.newRecording()
  const old = permit(requestId, [hers], Date.now() - 1)
  await recording.apply(old)
  expect(recording.tapped()).toEqual([hers.producerId])
  await recording.revoke(ann)
  await recording.apply(old)
  expect(recording.tapped()).toEqual([])
  await recording.apply(permit(requestId, [hers], Date.now() + 1))
  expect(recording.tapped()).toEqual([hers.producerId])
  await recording.finish()
  expect(speaks.count).toBeGreaterThan(0)
})

test('a withdrawal that comes while the recorder still starts wins', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const hers = await produce(call, ann, 'microphone', 'opus')
  using _speaks = new NumberedSound(hers)
  const { recording, requestId } = call.newRecording()
  const applying = recording.apply(permit(requestId, [hers], Date.now() - 1))
  await recording.revoke(ann)
  await applying
  expect(recording.tapped()).toEqual([])
  expect(await recording.finish()).toBeNull()
  expect(await readdir(call.vaultFolder)).toEqual([])
})

test('whom a newer permit no longer names is out when it resolves', async () => {
  await using call = await openCall()
  const [ann, ben] = [newId.person(), newId.person()]
  const [hers, his] = [
    await produce(call, ann, 'microphone', 'opus'),
    await produce(call, ben, 'microphone', 'opus'),
  ]
  const { recording, requestId } = call.newRecording()
  await recording.apply(permit(requestId, [hers, his], Date.now()))
  await recording.apply(permit(requestId, [his], Date.now()))
  expect(recording.tapped()).toEqual([his.producerId])
  await recording.finish()
})

test('a pause ends the files, going on begins new ones, and each interval is told once', async () => {
  await using call = await openCall()
  const ann = newId.person()
  const hers = await produce(call, ann, 'microphone', 'opus')
  using speaks = new NumberedSound(hers)
  const { recording, requestId, folder } = call.newRecording()
  await recording.apply(permit(requestId, [hers], Date.now()))
  await speaks.after(60)
  await recording.revoke()
  const first = await recording.endInterval()
  const paused = speaks.count
  await speaks.after(30)
  const resumed = speaks.count
  await recording.apply(permit(requestId, [hers], Date.now() + 1, 9))
  await speaks.after(60)
  const second = await recording.endInterval()
  expect([first.tracks.length, second.tracks.length]).toEqual([1, 1])
  expect(second.tracks[0]!.startedAt).toBeGreaterThan(first.tracks[0]!.stoppedAt)
  expect((await recording.endInterval()).tracks).toEqual([])
  await recording.finish()
  const heard = await recordedNumbers(folder, ann, call.readers[0]!)
  expect(heard.filter((number) => number >= paused && number < resumed)).toEqual([])
  expect(heard.some((number) => number >= resumed)).toBe(true)
})

test('a permit for another recording is refused', async () => {
  await using call = await openCall()
  const hers = await produce(call, newId.person(), 'microphone', 'opus')
  const { recording } = call.newRecording()
  await expect(recording.apply(permit(newId.request(), [hers], Date.now()))).rejects.toMatchObject({
    code: 'RECORDER_FAILED',
  })
  expect(recording.tapped()).toEqual([])
})
