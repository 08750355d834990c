import { render } from 'preact'
import './style.css'
import { App } from './app'
import { Boundary } from './boundary'

render(<Boundary at=""><App /></Boundary>, document.getElementById('app')!)
