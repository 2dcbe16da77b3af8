import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errors, events, methods, serverMethods } from '#protocol'
import { renderMarkdown, renderOpenRpc } from '../../../scripts/protocol/render.ts'

test.each([
  ['docs/protocol.md', renderMarkdown],
  ['docs/openrpc.json', renderOpenRpc],
])('%s is what the table says; npm run docs writes it anew', (file, render) => {
  expect(readFileSync(file, 'utf8')).toBe(render())
})

test('the reference names every request, event and error', () => {
  const text = renderMarkdown()
  for (const name of [
    ...Object.keys(methods),
    ...Object.keys(serverMethods),
    ...Object.keys(events),
  ])
    expect(text).toContain(`### \`${name}\``)
  for (const code of Object.keys(errors)) expect(text).toContain(`| \`${code}\` |`)
})
