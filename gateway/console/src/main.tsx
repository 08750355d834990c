import { render } from 'preact'
import './style.css'
import { App } from './app'

document.documentElement.dataset.theme = localStorage.getItem('theme') ?? 'auto'
render(<App />, document.getElementById('app')!)
