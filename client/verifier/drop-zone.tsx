import { useEffect, useRef, useState, type ChangeEvent } from 'react'
import type { VerifierWords } from './words.ts'

/** The whole window takes what is dropped; the button is for everybody else. */
export function DropZone({
  words: { own },
  onFiles,
}: {
  readonly words: VerifierWords
  readonly onFiles: (files: readonly File[]) => void
}) {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const over = (event: DragEvent) => {
      // Without this the browser would leave the page for the file.
      event.preventDefault()
      setOver(true)
    }
    const leave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent) => {
      event.preventDefault()
      setOver(false)
      onFiles([...(event.dataTransfer?.files ?? [])])
    }
    addEventListener('dragover', over)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [onFiles])
  return (
    <div className={isOver ? 'dropzone over' : 'dropzone'}>
      <p className="drop">{own('drop')}</p>
      <p className="small quiet">{own('drop.hint')}</p>
      <FileButton label={own('choose')} isMain onFiles={onFiles} />
    </div>
  )
}

/** A real button: a file input by itself does not open with Enter in every browser. */
export function FileButton({
  label,
  isMain = false,
  onFiles,
}: {
  readonly label: string
  readonly isMain?: boolean
  readonly onFiles: (files: readonly File[]) => void
}) {
  const input = useRef<HTMLInputElement>(null)
  const take = ({ target }: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(target.files ?? [])])
    // The same file can be chosen again, after it was changed.
    target.value = ''
  }
  return (
    <>
      <button
        className={isMain ? 'btn main' : 'btn'}
        type="button"
        onClick={() => input.current?.click()}
      >
        {label}
      </button>
      <input ref={input} type="file" multiple={isMain} hidden onChange={take} />
    </>
  )
}
