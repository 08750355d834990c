import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Failure, get } from './api'
import { live, onAnew, type Look } from './live'

/** The gateway has said no: that is an answer, too. */
export const isAnswer = (x: unknown) => x instanceof Failure && x.status >= 400 && x.status < 500

/**
 * The one way in which a page asks for what it shows: at once, again when `of` changes, when the stream cannot tell what has changed, and when somebody calls `look`.
 * Answers may come in another order than they were asked for: the newest question's counts, and one of another `of` is of no use.
 */
export function useLook<T>(ask: () => Promise<T>, take: (answer: T) => void, of: unknown[]): { failure: Failure | null; look: Look } {
  const [failure, setFailure] = useState<Failure | null>(null)
  const asked = useRef(0), taken = useRef(0)
  const latest = useRef({ ask, take })
  latest.current = { ask, take }
  const look = useCallback(async () => {
    const mine = ++asked.current
    try {
      const answer = await latest.current.ask()
      if (mine < taken.current) return true
      taken.current = mine
      latest.current.take(answer)
      setFailure(null)
      return true
    } catch (x) {
      if (mine < taken.current) return true
      if (!(x instanceof Failure)) throw x
      setFailure(x)
      return isAnswer(x)
    }
  }, [])
  useEffect(() => {
    void look()
    const off = onAnew(look)
    return () => { off(); taken.current = asked.current + 1 }
  }, of)
  return { failure, look }
}

/** Looks again every so often, while the page is seen and live: when it is not, the stream has it look anew. */
export function useEvery(everyMs: number, look: () => unknown, of: unknown[]) {
  useEffect(() => { const timer = setInterval(() => { if (!document.hidden && live.value.sign === 'live') void look() }, everyMs); return () => clearInterval(timer) }, of)
}

/** What the gateway says on a path, looked at again every so often while the page is seen; what was there stays when it does not answer. */
export function usePoll<T>(path: string, everyMs: number): { data: T | null; failure: Failure | null; load: Look } {
  const [data, setData] = useState<T | null>(null)
  const { failure, look } = useLook(() => get<T>(path), setData, [path])
  useEvery(everyMs, look, [path])
  return { data, failure, load: look }
}
