import { Component } from 'preact'
import type { ComponentChildren } from 'preact'
import { Failure } from './api'
import { Failed } from './ui'

/** What a page of the console that fails is replaced by: it says so, and what to do. Another page begins anew. */
export class Boundary extends Component<{ at: string; children: ComponentChildren }, { fault: string | null; at: string }> {
  state = { fault: null as string | null, at: this.props.at }
  static getDerivedStateFromProps(props: { at: string }, state: { fault: string | null; at: string }) { return props.at === state.at ? null : { fault: null, at: props.at } }
  static getDerivedStateFromError(error: unknown) { return { fault: error instanceof Error ? error.message : String(error) } }
  componentDidCatch(error: unknown) { console.error(error) }
  render() {
    const { fault } = this.state
    if (fault === null) return this.props.children
    return <Failed failure={new Failure(0, 'This page has failed.', `It is a fault of the console, and the gateway goes on: ${fault}`, 'Load the page anew, or go to another one. If it fails again, report it with what is said here.')} retry={() => location.reload()} />
  }
}
