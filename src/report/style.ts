/** The style of a report: for screens, bright or dark, and for paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff;
  --bad: #a40e26; --good: #116329; --doubt: #7d4e00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117;
  --bad: #ff7b72; --good: #56d364; --doubt: #e3b341 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.6rem; line-height: 1.2 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
h3 { margin-top: 2rem } h4 { margin: 1.2rem 0 .3rem }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere } a { color: inherit }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .85rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 600 } td p { margin: 0 0 .3rem } td b { white-space: nowrap } td { overflow-wrap: anywhere; min-width: 4rem }
.note { border-left: 4px solid var(--doubt); padding: .3rem .8rem } .parameters { color: var(--soft); font-size: .85rem }
.breached { color: var(--bad) } .met, .on-track, .not-falsified { color: var(--good) }
.undecided, .running, .frozen { color: var(--doubt) }
@media print { :root { --ink: #000; --paper: #fff; --line: #999; --bad: #a40e26; --good: #116329; --doubt: #7d4e00 }
  body { margin: 0; max-width: none; font-size: 9pt } table { font-size: 7.5pt } .wide { overflow: visible }
  h2, h3, h4 { break-after: avoid } tr { break-inside: avoid } @page { size: A4 landscape; margin: 12mm } }
`;
