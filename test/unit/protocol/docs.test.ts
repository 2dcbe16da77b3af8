import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errors, events, meActs, methods, serverMethods } from '#protocol'
import { renderAboutMe, renderMarkdown, renderOpenRpc } from '../../../scripts/protocol/render.ts'

test.each([
  ['docs/protocol.md', renderMarkdown],
  ['docs/openrpc.json', renderOpenRpc],
  ['docs/schemas/about-me.schema.json', renderAboutMe],
])('%s is what the table says; npm run docs writes it anew', (file, render) => {
  expect(readFileSync(file, 'utf8')).toBe(render())
})

test('the reference names every request, event and error', () => {
  const text = renderMarkdown()
  for (const name of [
    ...Object.keys(methods),
    ...Object.keys(serverMethods),
    ...Object.keys(events),
    ...Object.keys(meActs),
  ])
    expect(text).toContain(`### \`${name}\``)
  for (const code of Object.keys(errors)) expect(text).toContain(`| \`${code}\` |`)
})
