import { render } from 'preact';

render(<main><h1>RustDesk server</h1></main>, document.body);
