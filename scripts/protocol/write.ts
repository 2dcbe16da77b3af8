import { writeFileSync } from 'node:fs'
import { renderAboutMe, renderMarkdown, renderOpenRpc } from './render.ts'

writeFileSync('docs/protocol.md', renderMarkdown())
writeFileSync('docs/openrpc.json', renderOpenRpc())
writeFileSync('docs/schemas/about-me.schema.json', renderAboutMe())
console.log('wrote docs/protocol.md, docs/openrpc.json and docs/schemas/about-me.schema.json')
