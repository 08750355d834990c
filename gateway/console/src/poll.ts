import { useEffect, useState } from 'preact/hooks'
import type { Failure } from './api'
import { get } from './api'
import { live } from './live'

/** What the gateway says on a path, looked at again every so often while the page is seen; what was there stays when it does not answer. */
export function usePoll<T>(path: string, everyMs: number): { data: T | null; failure: Failure | null; load: () => void } {
  const [data, setData] = useState<T | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const load = () => { get<T>(path).then((d) => { setData(d); setFailure(null) }, (x) => setFailure(x as Failure)) }
  useEffect(() => { load(); const timer = setInterval(() => { if (!document.hidden && !live.value.stale) load() }, everyMs); return () => clearInterval(timer) }, [path])
  return { data, failure, load }
}
