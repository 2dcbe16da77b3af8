/** One message over the WebSocket, and when it left or reached the page (ms epoch). */
export interface Message {
  readonly from: 'page' | 'server'
  readonly at: number
}

/**
 * How many messages of the page, before the first picture, came after an answer to another message of it. What reaches
 * the page within a round trip of its first message can be no answer: it left together with the upgrade.
 */
export function waitsIn(
  messages: readonly Message[],
  firstFrameAt: number,
  roundTripMs: number,
): number {
  const first = messages.find(({ from }) => from === 'page')
  if (first === undefined) throw new Error('the page sent nothing')
  const answer = messages.find(({ from, at }) => from === 'server' && at - first.at >= roundTripMs)
  if (answer === undefined) return 0
  return messages.filter(({ from, at }) => from === 'page' && at >= answer.at && at < firstFrameAt)
    .length
}
