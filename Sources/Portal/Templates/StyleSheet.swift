/// The one style sheet: small screens first, dark where the reader prefers it, plain on paper.
let styleSheet = #"""
    :root {
      color-scheme: light dark;
      --paper: #f6f4ee; --card: #fffefb; --ink: #1b2530; --quiet: #525d68; --rule: #dad5c8;
      --accent: #0d5a62; --accent-ink: #ffffff; --bar: #2f7f86; --bar-part: #9cc5c6;
      --warm: #7d4503; --warm-ground: #fcefd8; --warm-rule: #e5c48d;
      --good: #22663b; --alarm: #98201f; --alarm-ground: #fbe9e6; --alarm-rule: #e3b3ad;
      --gap: #b9b2a1; --gap-ground: #efebe0; --edited: #c07a1c;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #11161a; --card: #192027; --ink: #e9e6df; --quiet: #a9b3bb; --rule: #323d46;
        --accent: #7fcdd0; --accent-ink: #0c1a1c; --bar: #58aeb3; --bar-part: #2f5f63;
        --warm: #f3c27a; --warm-ground: #33270f; --warm-rule: #6a5324;
        --good: #84cf9b; --alarm: #ffa79d; --alarm-ground: #3a1c19; --alarm-rule: #74403a;
        --gap: #4e5a63; --gap-ground: #222b32; --edited: #e0a04e;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--paper); color: var(--ink);
      font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans",
        "Noto Sans Tamil", "Noto Sans Devanagari", "Lohit Tamil", "Lohit Devanagari", sans-serif;
      font-variant-numeric: tabular-nums; overflow-wrap: break-word;
    }
    a { color: var(--accent); text-underline-offset: .15em; }
    a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible,
    summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    h1, h2, h3 { line-height: 1.25; margin: 0; text-wrap: balance; }
    h1 { font-size: 1.6rem; font-weight: 650; letter-spacing: -.01em; }
    h2 { font-size: 1.15rem; font-weight: 650; }
    h3 { font-size: 1rem; font-weight: 650; }
    p { margin: .35rem 0; }
    .quiet { color: var(--quiet); }
    .small { font-size: .92rem; }
    .number { text-align: right; white-space: nowrap; }
    .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden;
      clip-path: inset(50%); }
    .skip { position: absolute; left: -999rem; }
    .skip:focus { left: .5rem; top: .5rem; background: var(--card); padding: .5rem 1rem;
      z-index: 1; }

    .top { background: var(--card); border-bottom: 1px solid var(--rule); }
    .top > * { max-width: 66rem; margin: 0 auto; padding: 0 1rem; }
    .bar { display: flex; align-items: center; justify-content: space-between; gap: .75rem;
      min-height: 3.5rem; }
    .brand { display: flex; align-items: center; gap: .6rem; color: var(--ink);
      text-decoration: none; min-width: 0; }
    .brand svg { flex: none; width: 1.9rem; height: 1.9rem; }
    .brand b { display: block; font-weight: 700; line-height: 1.1; }
    .brand small { display: block; color: var(--quiet); font-size: .85rem; line-height: 1.25; }
    .account { display: flex; align-items: center; gap: .75rem; text-align: right;
      font-size: .92rem; }
    .account .name { display: none; color: var(--quiet); }
    nav ul { display: flex; flex-wrap: wrap; gap: 0 1.1rem; list-style: none; margin: 0;
      padding: 0 0 .3rem; }
    nav a { display: block; padding: .5rem 0 .4rem; color: var(--quiet); text-decoration: none;
      border-bottom: 3px solid transparent; }
    nav a:hover { color: var(--ink); }
    nav a[aria-current] { color: var(--ink); border-color: var(--accent); font-weight: 600; }

    main { max-width: 66rem; margin: 0 auto; padding: 1.25rem 1rem 2.5rem; }
    .foot { max-width: 66rem; margin: 0 auto; padding: 1rem; color: var(--quiet);
      font-size: .88rem; border-top: 1px solid var(--rule); }
    .crumb { font-size: .92rem; margin: 0 0 .35rem; }
    .lead { color: var(--quiet); margin: .25rem 0 0; }
    .card { background: var(--card); border: 1px solid var(--rule); border-radius: .6rem;
      padding: 1rem; margin: 1rem 0 0; }
    .card > h2 { margin-bottom: .35rem; }
    .card > :first-child { margin-top: 0; }
    .help { margin: 1rem 0 0; max-width: 26rem; }
    .grid { display: grid; gap: 1rem; margin-top: 1rem; grid-template-columns: minmax(0, 1fr); }
    .grid > .card { margin: 0; }
    .head { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: baseline;
      justify-content: space-between; }

    dl { margin: 0; }
    dd { margin: 0; }
    dt { color: var(--quiet); font-size: .92rem; }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr));
      gap: .85rem 1rem; margin-top: .75rem; }
    .figures dd { font-size: 1.2rem; font-weight: 600; line-height: 1.3; }
    .figures dd + dd { font-size: .92rem; font-weight: 400; color: var(--quiet); }
    .facts > div { display: flex; flex-wrap: wrap; align-items: baseline;
      justify-content: space-between; gap: 0 1rem; padding: .4rem 0;
      border-top: 1px solid var(--rule); }
    .facts > div:first-child { border-top: 0; }
    .facts dd { text-align: right; font-weight: 500; margin-left: auto; }
    .big { font-size: 2.5rem; font-weight: 680; line-height: 1.1; letter-spacing: -.02em; }
    .big small { font-size: 1.15rem; font-weight: 500; color: var(--quiet); letter-spacing: 0; }

    .status { display: flex; align-items: baseline; gap: .5rem; font-size: .95rem;
      margin: .85rem 0 0; }
    .status::before { content: ""; flex: none; width: .65rem; height: .65rem; border-radius: 50%;
      background: var(--good); }
    .status.silent::before, .status.none::before { background: transparent;
      border: 2px solid var(--alarm); }
    .status.silent { color: var(--alarm); }
    .note { border: 1px solid var(--warm-rule); background: var(--warm-ground); color: var(--warm);
      border-radius: .45rem; padding: .6rem .8rem; margin: .85rem 0 0; }
    .note.alarm { border-color: var(--alarm-rule); background: var(--alarm-ground);
      color: var(--alarm); }
    .tag { display: inline-block; border: 1px solid var(--rule); border-radius: 1rem;
      padding: 0 .6rem; font-size: .88rem; color: var(--quiet); white-space: nowrap; }
    .tag.warm { border-color: var(--warm-rule); background: var(--warm-ground);
      color: var(--warm); }
    .tag.alarm { border-color: var(--alarm-rule); background: var(--alarm-ground);
      color: var(--alarm); }

    .scroll { overflow-x: auto; margin-top: .6rem; }
    table { width: 100%; border-collapse: collapse; }
    caption { text-align: left; color: var(--quiet); font-size: .92rem; padding: 0 0 .35rem; }
    th, td { text-align: left; vertical-align: top; padding: .5rem .9rem .5rem 0;
      border-top: 1px solid var(--rule); }
    th:last-child, td:last-child { padding-right: 0; }
    thead th { border-top: 0; color: var(--quiet); font-weight: 500; font-size: .92rem;
      vertical-align: bottom; }
    tbody th { font-weight: 500; }
    .scroll tbody th, .time { white-space: nowrap; }
    .scroll td:not(.number, .time) { min-width: 8rem; }
    th.number { text-align: right; }
    .tight th, .tight td { padding-top: .25rem; padding-bottom: .25rem; font-size: .95rem; }
    @media (max-width: 30rem) {
      .scroll .fits th, .scroll .fits td { padding-right: .3rem; font-size: .85rem; min-width: 0;
        white-space: normal; }
      .fits .tag { padding: 0 .35rem; font-size: .75rem; }
      .scroll .fits th:last-child, .scroll .fits td:last-child { padding-right: 0; }
    }
    details { margin-top: .75rem; }
    summary { cursor: pointer; color: var(--accent); padding: .3rem 0; }
    details table { max-width: 30rem; }

    .chart { display: block; width: 100%; max-width: 36rem; height: auto; margin-top: .5rem; }
    .chart text { font-family: inherit; font-size: 13px; fill: var(--quiet); }
    .chart .value { fill: var(--ink); font-size: 11.5px; }
    .chart .gridline { stroke: var(--rule); stroke-width: .8; }
    .chart .axis { stroke: var(--quiet); stroke-width: 1; }
    .chart .bar { fill: var(--bar); }
    .chart .part { fill: var(--bar-part); stroke: var(--bar); stroke-width: .8; }
    .chart g:hover .bar { fill: var(--accent); }
    .chart .gap-ground { fill: var(--gap-ground); }
    .chart .gap-stroke { stroke: var(--gap); stroke-width: 3; }
    .chart .curve { fill: none; stroke: var(--bar); stroke-width: 1.8; stroke-linejoin: round; }
    .chart .area { fill: var(--bar); opacity: .14; }
    .chart .spot { fill: var(--bar); }
    .day .chart { max-width: none; }
    .chart .block, i.block { fill: var(--bar); background: var(--bar); }
    .chart .block.estimated, i.block.estimated { fill: var(--bar-part); background: var(--bar-part); }
    .chart .block.edited, i.block.edited { fill: var(--edited); background: var(--edited); }
    .chart .block.suspect, i.block.suspect { fill: var(--alarm); background: var(--alarm); }
    .chart .block.off, i.block.off { fill: var(--quiet); background: var(--quiet); }
    .chart .block.missing, i.block.missing { fill: var(--gap-ground); background: var(--gap-ground); }
    i.block { display: inline-block; width: .85rem; height: .85rem; vertical-align: -.08rem;
      border: 1px solid var(--rule); }
    .chart .coming { fill: var(--bar-part); }
    .chart .whisker { stroke: var(--quiet); stroke-width: .9; }
    .chart .mark { stroke: var(--warm); stroke-width: 2; }
    .chart .fan { fill: var(--bar); opacity: .26; }
    .chart .median { fill: none; stroke: var(--bar); stroke-width: 1.8; stroke-dasharray: 4 3; }
    .chart line.slab { stroke: var(--warm); stroke-width: .8; stroke-dasharray: 2 3; }
    .chart line.leap { stroke-width: 1.4; stroke-dasharray: 6 3; }
    .chart text.slab { fill: var(--warm); font-size: 11.5px; font-weight: 600; }
    .chart .now { stroke: var(--quiet); stroke-width: .8; stroke-dasharray: 1 2; }
    .chart .crossing { fill: var(--card); stroke: var(--warm); stroke-width: 2; }
    .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none;
      margin: .4rem 0 0; padding: 0; font-size: .88rem; color: var(--quiet); }
    .legend i { display: inline-block; width: .85rem; height: .85rem; margin-right: .4rem;
      vertical-align: -.08rem; }
    .legend i:not(.block) { background: var(--bar); }
    .legend i.part { background: var(--bar-part); border: 1px solid var(--bar); }
    .legend i.fan { background: var(--bar); opacity: .45; }
    .legend i.coming { background: var(--bar-part); }
    .legend i.slab, .legend i.mark { height: 0; vertical-align: .25rem; background: none;
      border-top: 2px dashed var(--warm); }
    .legend i.mark { border-top-style: solid; }
    .legend i.gap { background: repeating-linear-gradient(45deg, var(--gap) 0 3px,
      var(--gap-ground) 3px 6px); }

    form.box { max-width: 26rem; }
    label { display: block; font-weight: 500; margin: .9rem 0 .25rem; }
    .hint { color: var(--quiet); font-size: .92rem; font-weight: 400; }
    input[type=text], input[type=password], input[type=search], input[type=month],
    input[type=number], input[type=date], input[type=time], input[type=file], select {
      width: 100%; font: inherit; color: inherit; background: var(--paper);
      border: 1px solid var(--quiet); border-radius: .4rem; padding: .6rem .7rem; }
    input.large { font-size: 1.5rem; font-weight: 600; letter-spacing: .04em; }
    fieldset { border: 0; padding: 0; margin: .9rem 0 0; }
    legend { font-weight: 500; padding: 0; }
    .choices { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 .75rem; }
    .note + .head { margin-top: .85rem; }
    fieldset .check { margin: 0; padding: .5rem 0; }
    a.button { display: inline-block; font-weight: 600; color: var(--accent-ink);
      background: var(--accent); border-radius: .4rem; padding: .6rem 1.2rem; margin-top: 1rem;
      text-decoration: none; }
    button.second { background: transparent; color: var(--accent); }
    .stop, .side { border-top: 1px solid var(--rule); padding: .65rem 0; }
    .stop:first-child, .side:first-of-type { border-top: 0; }
    .stop p { margin: .1rem 0; }
    .stop a { font-weight: 600; }
    .photo { display: block; max-width: 100%; max-height: 20rem; border-radius: .4rem; }
    ul.note { list-style: none; }
    .check { display: flex; gap: .6rem; align-items: baseline; font-weight: 400; }
    .check input { width: 1.15rem; height: 1.15rem; flex: none; }
    button { font: inherit; font-weight: 600; color: var(--accent-ink); background: var(--accent);
      border: 1px solid var(--accent); border-radius: .4rem; padding: .6rem 1.2rem; cursor: pointer;
      margin-top: 1rem; }
    button.plain { background: transparent; color: var(--accent); border: 0; margin: 0;
      padding: .5rem 0; font-weight: 500; text-decoration: underline;
      text-underline-offset: .15em; }
    .search { display: flex; gap: .6rem; align-items: end; flex-wrap: wrap; margin-top: .75rem; }
    .search > div { flex: 1 1 12rem; max-width: 22rem; }
    .search label { margin-top: 0; }
    .search button { margin: 0; }
    .plain { list-style: none; }
    .asking { max-width: 34rem; }
    .asking #percent { width: 7rem; }
    .asking .check { margin: .3rem 0; }
    fieldset { border: 1px solid var(--rule); border-radius: .45rem; margin: 1rem 0 0;
      padding: .2rem .9rem .9rem; }
    legend { font-weight: 500; padding: 0 .3rem; }
    .pair { display: grid; gap: 0 1rem;
      grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); }
    .pages { display: flex; gap: 1.5rem; margin-top: 1rem; }
    .pages:not(:has(a)) { display: none; }

    .total { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between;
      gap: .25rem 1rem; border-top: 2px solid var(--ink); margin-top: .5rem; padding-top: .7rem; }
    .total b { font-size: 1.5rem; }
    .charge { border-top: 1px solid var(--rule); padding: .65rem 0; }
    .charge:first-of-type { border-top: 0; }
    .charge .head { font-weight: 600; flex-wrap: nowrap; }
    .charge .head b { white-space: nowrap; font-weight: 600; }
    .charge table { margin-top: .4rem; }
    .digest { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .8rem;
      overflow-wrap: anywhere; }

    @media (min-width: 46rem) {
      main { padding-top: 1.75rem; }
      h1 { font-size: 1.9rem; }
      .card { padding: 1.25rem 1.4rem; }
      .account .name { display: inline; }
      .grid.two { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      .wide { grid-column: 1 / -1; }
    }
    @media print {
      :root { --paper: #fff; --card: #fff; --ink: #000; --quiet: #333; --rule: #bbb;
        --bar: #444; --bar-part: #bbb; --accent: #000; --warm: #000; --warm-ground: #fff;
        --warm-rule: #777; }
      html { font-size: 10.5pt; }
      body { font-size: 1rem; line-height: 1.35; }
      h1 { font-size: 1.5rem; }
      .big { font-size: 2rem; }
      .top > *, .foot { padding-left: 0; padding-right: 0; }
      nav, .account, .skip, .crumb, .screen, button { display: none !important; }
      .top { border: 0; }
      .card { border: 0; border-top: 1px solid var(--rule); border-radius: 0; padding: .6rem 0;
        break-inside: avoid; }
      .bill .card.charges { break-inside: auto; }
      .charge { break-inside: avoid; }
      .grid.two { grid-template-columns: repeat(2, minmax(0, 1fr)); }
      main { padding: 0; max-width: none; }
      a { text-decoration: none; color: inherit; }
      @page { margin: 16mm; }
    }
    """#

/// Replaces the live values whenever the stream brings newer ones; every page reads without it.
let liveScript = #"""
    "use strict";
    (() => {
      const box = document.getElementById("live");
      if (!box || !window.EventSource) return;
      const source = new EventSource(box.dataset.stream);
      source.addEventListener("reading", (event) => { box.innerHTML = event.data; });
      window.addEventListener("pagehide", () => source.close());
    })();
    """#

/// The mark in the browser's tab and the page header.
let iconImage = #"""
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
    <rect width="32" height="32" rx="8" fill="#0d5a62"/>
    <path d="M18.5 4 8 18h6.5L12.5 28 24 13.5h-7z" fill="#ffd98a"/>
    </svg>
    """#
