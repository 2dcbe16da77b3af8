import { writeFileSync } from 'node:fs'
import { renderExamples } from './render.ts'

for (const [file, text] of renderExamples()) {
  writeFileSync(file, text)
  console.log(`wrote ${file}`)
}
