import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Browser } from '@playwright/test'
import { answer, ask, enter, type Person } from './people.ts'
import type { RunningServer } from './running-server.ts'

/** A call of two that is being recorded: of each microphone and camera something is sealed on the disk. */
export async function recordedCall(
  browser: Browser,
  server: RunningServer,
): Promise<{ host: Person; guest: Person }> {
  const host = await enter(browser, server.links.host, 'Maya', 1)
  const guest = await enter(browser, server.links.guests[0]!, 'Alice', 2)
  await ask(host, 'A talk')
  for (const person of [host, guest]) await answer(person, 'Agree', 'A talk')
  for (const { line } of [host, guest]) await expect(line).toContainText('REC')
  await expect.poll(() => server.metric('assent_recorder_consumers')).toBe(4)
  const sealed = () => globSync(join(server.dataDir, 'recordings', '*', 'tracks', '*', '000000.mkv.age'))
  await expect.poll(() => sealed().length).toBe(4)
  return { host, guest }
}
