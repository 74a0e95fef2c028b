"""How a page of an answer looks: on a screen, and in black and white on paper."""

STYLE = """
:root { color-scheme: light }
body { font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff; margin: 0 auto;
  max-width: 62rem; padding: 0 1rem 3rem }
.plan { border: 3px double #111; padding: .4rem .8rem; font-weight: 700 }
.skip { position: absolute; left: -99rem }
.skip:focus { position: static }
a { color: #08306b }
:focus-visible { outline: 3px solid #08306b; outline-offset: 2px }
h1 { font-size: 1.7rem; line-height: 1.2 }
h2 { border-top: 2px solid #111; padding-top: .6rem; margin-top: 2.5rem }
small { display: block; color: #444; font-size: .85rem }
li { margin-bottom: .4rem }
figure { margin: 1rem 0; break-inside: avoid }
figcaption { font-size: .9rem }
.maps { display: flex; flex-wrap: wrap; gap: 1rem }
.maps figure { flex: 1 1 20rem; margin: 0 }
svg { max-width: 100%; height: auto; font-family: inherit }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .85rem; margin: .5rem 0 1rem }
caption { text-align: left; font-weight: 700; padding: .3rem 0 }
th, td { border: 1px solid #888; padding: .15rem .4rem; text-align: left; vertical-align: top }
thead th { background: #eee }
.invented { font-style: italic; text-decoration: underline dotted }
summary { cursor: pointer; font-weight: 700; padding: .3rem 0 }
@media print {
  body { max-width: none; font-size: 10pt; padding: 0 }
  nav, .skip { display: none }
  details::details-content { content-visibility: visible; block-size: auto }
  h2 { break-before: page }
  .wide { overflow: visible }
  table { font-size: 7.5pt }
  tr { break-inside: avoid }
}
""".strip()
"""No colour carries a meaning by itself: shades differ in lightness, and figures are in words."""
