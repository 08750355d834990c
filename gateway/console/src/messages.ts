import { useEffect, useRef, useState } from 'preact/hooks'
import { enc, Failure, type Message } from './api'
import { isOperator } from './app'
import { now, onAnew } from './live'

/**
 * Messages of a filter as they come. A connection that is cut is opened anew with the page's own, and what came in between is missing.
 * Gives back when it was cut last, by the gateway's clock; 0 when it was not.
 */
export function useMessages(filter: string, paused: boolean, take: (message: Message) => void, refused?: (failure: Failure) => void): number {
  const [cut, setCut] = useState(0)
  const latest = useRef({ paused, take, refused })
  latest.current = { paused, take, refused }
  useEffect(() => {
    if (!isOperator()) return
    let source: EventSource | null = null, gone = false
    const path = `/messages?filter=${enc(filter)}`
    const open = () => {
      source = new EventSource('/api/v1' + path)
      source.addEventListener('message', (e) => { if (!latest.current.paused) latest.current.take(JSON.parse(e.data) as Message) })
      source.onerror = async () => {
        const isRefused = source?.readyState === EventSource.CLOSED
        setCut((before) => before || now.value)
        if (!isRefused) return
        // It does not say why it was refused: the same question does.
        const why = await fetch('/api/v1' + path, { signal: AbortSignal.timeout(3000) }).then(async (a) => a.ok || a.status === 401 ? null : await a.json() as { title: string; detail: string; do?: string }, () => null)
        if (why && !gone) { setCut(0); latest.current.refused?.(new Failure(400, why.title + '.', why.detail, why.do)) }
      }
    }
    setCut(0)
    open()
    const off = onAnew(async () => { if (source?.readyState === EventSource.CLOSED) open(); return true })
    return () => { gone = true; off(); source?.close() }
  }, [filter])
  return cut
}
