// The style sheet of report.html: one column of calm text, light or dark as the reader's system
// asks. Thread safety: a constant. Contrast of text on its ground is at least 4.5 : 1 in both
// schemes.
#pragma once

namespace headrace::report {

inline constexpr char k_html_style[] = R"css(
:root{color-scheme:light dark;--ground:#fbfaf7;--card:#fff;--ink:#1f2328;--soft:#5b6169;
  --rule:#e4e0d8;
--fed:#1f7a4d;--short:#b3401f;--unsure:#8a6100;--too_brief:#5b6169;--c1:#1f6f8b;--c2:#b3401f;
  --c3:#6b5bb0;
--c4:#9aa3ab;--mark:#1f2328}
@media(prefers-color-scheme:dark){:root{--ground:#14171a;--card:#1b1f23;--ink:#e8e6e1;
  --soft:#a3a9b0;
--rule:#2d3238;--fed:#5cc08d;--short:#f0906c;--unsure:#e0b450;--too_brief:#a3a9b0;--c1:#5fb4d1;
  --c2:#f0906c;
--c3:#a598ea;--c4:#59616a;--mark:#e8e6e1}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:880px;margin:0 auto;padding:40px 28px 72px}
.top{display:flex;justify-content:space-between;gap:24px;color:var(--soft);font-size:14px;
border-bottom:1px solid var(--rule);padding-bottom:12px}
.top b{color:var(--ink);letter-spacing:.02em}
h1{margin:44px 0 10px;font:600 clamp(40px,8vw,64px)/1.05 "Iowan Old Style",Palatino,
  "Palatino Linotype",
"Book Antiqua",Georgia,serif;letter-spacing:-.015em}
h1::first-letter{text-transform:uppercase}
.fed h1{color:var(--fed)}.short h1{color:var(--short)}.unsure h1{color:var(--unsure)}
.too_brief h1{color:var(--too_brief)}
.sentence{font-size:20px;line-height:1.5;max-width:46em;margin:0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:1px;
  margin:32px 0 8px;
background:var(--rule);border:1px solid var(--rule);border-radius:10px;overflow:hidden}
.figures div{background:var(--card);padding:16px 14px}
.figures b{display:block;font-size:22px;line-height:1.2;font-weight:600;white-space:nowrap}
.figures span{color:var(--soft);font-size:14px}
h2{font-size:20px;font-weight:600;margin:48px 0 12px}
h3{font-size:15px;font-weight:600;margin:24px 0 4px;color:var(--ink)}
p.note,.none{color:var(--soft);font-size:14px;margin:4px 0 12px}
ol,ul{padding-left:1.3em;margin:8px 0}li{margin:6px 0}
ul.evidence{list-style:none;padding:0;font-size:15px}
ul.evidence li{padding:7px 0;border-bottom:1px solid var(--rule)}
ol.advice{font-size:17px}ol.advice li::marker{color:var(--soft)}
.supply{display:grid;grid-template-columns:110px 1fr 150px;gap:6px 16px;align-items:center;
  margin:10px 0}
.supply .name{font-weight:600}.supply .value{text-align:right;white-space:nowrap}
.track{position:relative;height:22px;background:var(--rule);border-radius:4px}
.track i{display:block;height:100%;background:var(--c1);border-radius:4px}
.track.tight i{background:var(--c2)}
.track.more i{-webkit-mask:linear-gradient(90deg,#000 88%,transparent);
mask:linear-gradient(90deg,#000 88%,transparent)}
.track em{position:absolute;top:-5px;bottom:-5px;width:2px;background:var(--mark)}
.stack{display:flex;height:22px;border-radius:4px;overflow:hidden;background:var(--rule);gap:1px}
.stack i:nth-child(1),.key i:nth-of-type(1){background:var(--c1)}
.stack i:nth-child(2),.key i:nth-of-type(2){background:var(--c3)}
.stack i:nth-child(3),.key i:nth-of-type(3){background:var(--c4)}
.key{font-size:14px;color:var(--soft)}
.key i{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 6px 0 14px}
.key i:first-child{margin-left:0}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:15px;margin:8px 0}
th{font-weight:600;color:var(--soft);font-size:13px}
th,td{text-align:right;padding:7px 0 7px 14px;border-bottom:1px solid var(--rule);
  white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
table.facts th,table.facts td,table.skipped th,table.skipped td{text-align:left;white-space:normal;
overflow-wrap:anywhere;vertical-align:top}
table.facts th{width:130px}
pre{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 16px;
overflow-x:auto;font:14px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",
  monospace}
table.heat{table-layout:fixed;min-width:640px;
border-collapse:separate;border-spacing:2px;font-size:13px}
.heat th{text-align:center;border:0;padding:4px 6px}
.heat td{padding:5px 6px;border:0;border-radius:5px;text-align:center;
background:color-mix(in srgb,var(--c1) calc(var(--heat,0%)*.5),var(--card))}
.heat td:empty{background:none}
.heat td b{display:block;font-weight:600}.heat td small{font-size:11px;opacity:.8}
.heat td.knee{outline:2px solid var(--mark);outline-offset:-2px}
.chart{display:block;width:100%;height:auto}
.chart .grid{stroke:var(--rule)}
.chart text{font-size:12px;fill:var(--soft)}.chart .marked{fill:var(--ink)}
.chart .line{fill:none;stroke-width:2;stroke-linejoin:round}
.chart .area{opacity:.12}
.chart .c1.line{stroke:var(--c1)}.chart .c2.line{stroke:var(--c2)}.chart .c3.line{stroke:var(--c3)}
.chart .c1.area,.chart .c1 circle{fill:var(--c1)}.chart .c2.area,.chart .c2 circle{fill:var(--c2)}
.chart .c3.area,.chart .c3 circle{fill:var(--c3)}
.chart .pt rect{fill:transparent}.chart .pt circle{opacity:0}.chart .pt:hover circle{opacity:1}
.chart .hist{fill:var(--c1)}.chart .hist:hover{fill:var(--c3)}
.chart .mark{stroke:var(--mark);stroke-dasharray:3 3}
footer{margin-top:56px;color:var(--soft);font-size:13px;border-top:1px solid var(--rule);
  padding-top:12px}
@media(max-width:600px){.supply{grid-template-columns:80px 1fr;}.supply .value{grid-column:2;
  text-align:left}}
@media print{body{background:#fff}main{padding:0}pre{white-space:pre-wrap}}
)css";

}  // namespace headrace::report
