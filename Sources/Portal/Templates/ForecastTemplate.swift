/// The coming bill of a service.
let forecastTemplate = """
    {{<layout}}
    {{$body}}
    <p class="crumb"><a href="{{page.serviceAddress}}">Service {{page.number}}</a></p>
    <h1>Next bill</h1>
    {{#page.hasCycle}}<p class="lead">{{page.period}} · {{page.day}}</p>{{/page.hasCycle}}
    {{#page.warning}}<p class="note"><b>{{.}}</b>
    {{#page.warningDate}}{{.}}{{/page.warningDate}}</p>{{/page.warning}}
    {{^page.hasCycle}}{{#page.notes}}<p class="card">{{.}}</p>{{/page.notes}}{{/page.hasCycle}}
    {{#page.hasCycle}}
    <div class="grid two">
    <section class="card" aria-labelledby="likely"><h2 id="likely">{{#page.isOver}}What the
    cycle costs{{/page.isOver}}{{^page.isOver}}What it is likely to be{{/page.isOver}}</h2>
    {{#page.likely}}
    <p class="big">{{.bill}}</p>
    {{^page.isOver}}<p>In 8 of 10 cases between <b>{{.low}}</b> and <b>{{.high}}</b>.</p>
    {{/page.isOver}}
    {{/page.likely}}
    <dl class="facts">
    <div><dt>Units, likely</dt><dd>{{page.units}}</dd></div>
    {{^page.isOver}}<div><dt>In 8 of 10 cases</dt>
    <dd>{{page.unitsLow}} to {{page.unitsHigh}}</dd></div>
    <div><dt>Units read so far</dt><dd>{{page.used}}</dd></div>{{/page.isOver}}
    {{#page.likely}}
    {{^page.isOver}}<div><dt>Bill if nothing more is used</dt><dd>{{.soFar}}</dd></div>
    <div><dt>Mean of all cases</dt><dd>{{.expected}}</dd></div>{{/page.isOver}}
    <div><dt>Tariff</dt><dd>{{.tariff}}</dd></div>
    {{/page.likely}}
    </dl>
    {{#page.hasNotes}}<ul class="note plain">
    {{#page.notes}}<li>{{.}}</li>{{/page.notes}}</ul>{{/page.hasNotes}}
    </section>
    <section class="card"><h2>Units of the cycle, added up</h2>{{{page.totals}}}
    <ul class="legend"><li><i></i>known</li>
    {{^page.isOver}}<li><i class="fan"></i>8 of 10 cases, the likely one dashed</li>{{/page.isOver}}
    {{#page.hasSlabs}}<li><i class="slab"></i>end of a slab</li>{{/page.hasSlabs}}</ul>
    {{#page.likely}}<p class="quiet small">On the right: what the whole cycle costs when it ends
    with so many units.</p>{{/page.likely}}</section>
    <section class="card">{{#page.days}}<h2>Units of each day</h2>{{{.svg}}}
    <ul class="legend"><li><i></i>known</li>
    {{#.hasComing}}<li><i class="coming"></i>expected, with the range of 8 in 10</li>
    {{/.hasComing}}
    {{#.hasGaps}}<li><i class="gap"></i>no reading</li>{{/.hasGaps}}</ul>
    <details><summary>The figures as a table</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Days">
    <table class="tight"><caption>Units (kWh) of each day, and added up</caption>
    <thead><tr><th scope="col">Day</th><th scope="col" class="number">Units</th>
    <th scope="col" class="number">8 in 10</th><th scope="col" class="number">Added up</th></tr>
    </thead><tbody>
    {{#.rows}}<tr><th scope="row">{{.name}}</th><td class="number">{{.units}}</td>
    <td class="number">{{.range}}</td><td class="number">{{.total}}</td></tr>{{/.rows}}
    </tbody></table></div></details>{{/page.days}}</section>
    {{#page.hasSlabs}}
    <section class="card" aria-labelledby="slabs"><h2 id="slabs">Slabs</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Slabs">
    <table class="tight fits"><caption>Ends of slabs that this cycle passes or may pass</caption>
    <thead><tr><th scope="col" class="number">Units</th><th scope="col">Chance, day</th>
    <th scope="col" class="number">At once</th><th scope="col" class="number">Bill there</th>
    <th scope="col" class="number">Unit after</th></tr></thead><tbody>
    {{#page.slabs}}<tr><th scope="row" class="number">{{.bound}}</th><td class="time">{{.state}}</td>
    <td class="number">{{#.isLeap}}<b>{{cost}}</b>{{/.isLeap}}{{^.isLeap}}{{cost}}{{/.isLeap}}</td>
    <td class="number">{{.billAtBound}}</td><td class="number">{{.unit}}</td></tr>{{/page.slabs}}
    </tbody></table></div></section>
    {{/page.hasSlabs}}
    {{#page.mayAsk}}{{#page}}{{>whatIf}}{{/page}}{{/page.mayAsk}}
    </div>
    {{/page.hasCycle}}
    {{/body}}
    {{/layout}}
    """

/// The form that asks what would be different, and the answer.
let whatIfTemplate = """
    <section class="card wide" aria-labelledby="whatif"><h2 id="whatif">What if …</h2>
    {{#form.hasFaults}}<ul class="note alarm plain" role="alert">
    {{#form.faults}}<li>{{.}}</li>{{/form.faults}}</ul>{{/form.hasFaults}}
    {{#whatIf}}
    <p><b>{{.question}}:</b> {{.answer}}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Comparison">
    <table class="tight"><caption class="hidden">The coming bill now and with the change</caption>
    <thead><tr><th scope="col"></th><th scope="col" class="number">Now</th>
    <th scope="col" class="number">Then</th><th scope="col" class="number">Change</th></tr>
    </thead><tbody>
    {{#.rows}}<tr><th scope="row">{{.name}}</th><td class="number">{{.now}}</td>
    <td class="number">{{.then}}</td><td class="number">{{.difference}}</td></tr>{{/.rows}}
    </tbody></table></div>
    {{/whatIf}}
    <form class="asking screen" method="get" action="{{address}}#whatif">
    <div><label for="percent">Use of the days to come, more or less</label>
    <input type="number" id="percent" name="percent" min="-100" max="100" step="1"
    placeholder="-10" value="{{form.percent}}"> %</div>
    <fieldset><legend>An appliance</legend>
    <label class="check"><input type="radio" name="change" value="more"{{^form.isLess}}
    checked{{/form.isLess}}> <span>used from now on</span></label>
    <label class="check"><input type="radio" name="change" value="less"{{#form.isLess}}
    checked{{/form.isLess}}> <span>no longer used</span></label>
    <div class="pair"><div><label for="watts">Watts</label>
    <input type="number" id="watts" name="watts" min="1" max="100000" placeholder="1500"
    value="{{form.watts}}"></div>
    <div><label for="hours">Hours a day</label>
    <input type="number" id="hours" name="hours" min="0" max="24" step="any" placeholder="2"
    value="{{form.hours}}"></div>
    <div><label for="from">From <span class="hint">if not at once</span></label>
    <input type="date" id="from" name="from" value="{{form.from}}"></div></div></fieldset>
    {{#form.hasTariffs}}
    <div><label for="tariff">Another tariff</label>
    <select id="tariff" name="tariff"><option value="">as it is</option>
    {{#form.tariffs}}<option{{#.isChosen}} selected{{/.isChosen}}>{{name}}</option>{{/form.tariffs}}
    </select></div>
    {{/form.hasTariffs}}
    <button>What would it cost?</button>
    </form></section>
    """

/// How right the forecasts were, for staff.
let accuracyTemplate = """
    {{<layout}}
    {{$body}}
    <h1>How right were our forecasts</h1>
    <p class="lead">Each forecast as it stood on the evening before the month or cycle began, against
    what was then metered{{#page.since}}; kept since {{.}}{{/page.since}}.
    <a href="/office/feeders">What feeders will use</a></p>
    {{#page.isEmpty}}<p class="card">No month has been forecast and come to its end yet.</p>
    {{/page.isEmpty}}
    {{#page.hasMonths}}
    <p class="card">{{page.verdict}}</p>
    <div class="grid two">
    <section class="card"><h2>Error of the totals by month</h2>{{{page.chart}}}
    <ul class="legend"><li><i></i>forecast, % of what was used</li>
    <li><i class="mark"></i>naive: days like the last seven</li></ul></section>
    <section class="card" aria-labelledby="months"><h2 id="months">Units, month by month</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Months">
    <table class="tight fits"><caption>Totals of each service's month; the range should hold 80 %</caption>
    <thead><tr><th scope="col">Month</th><th scope="col" class="number">Error</th>
    <th scope="col" class="number">Naive</th><th scope="col" class="number">In range</th>
    <th scope="col" class="number">Services</th></tr></thead><tbody>
    {{#page.months}}<tr><th scope="row">{{.name}}{{#.isNaiveBetter}}<br>
    <span class="tag warm">naive better</span>{{/.isNaiveBetter}}</th>
    <td class="number">{{.error}}</td><td class="number">{{.naive}}</td>
    <td class="number">{{.inside}}</td><td class="number">{{.count}}</td></tr>{{/page.months}}
    </tbody></table></div></section>
    </div>
    {{/page.hasMonths}}
    {{#page.hasCycles}}
    <section class="card" aria-labelledby="cycles"><h2 id="cycles">Bills, cycle by cycle</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Cycles">
    <table class="tight fits"><caption>Forecasts of bills on the evening before the cycle, % of what the
    bills came to; the range should hold 80 %</caption>
    <thead><tr><th scope="col">Cycle</th><th scope="col" class="number">Error</th>
    <th scope="col" class="number">Naive</th><th scope="col" class="number">In range</th>
    <th scope="col" class="number">Bills</th></tr></thead><tbody>
    {{#page.cycles}}<tr><th scope="row">{{.name}}{{#.isNaiveBetter}}<br>
    <span class="tag warm">naive better</span>{{/.isNaiveBetter}}</th>
    <td class="number">{{.error}}</td><td class="number">{{.naive}}</td>
    <td class="number">{{.inside}}</td><td class="number">{{.count}}</td></tr>{{/page.cycles}}
    </tbody></table></div></section>
    {{/page.hasCycles}}
    {{/body}}
    {{/layout}}
    """

/// What feeders and transformers will use, for staff.
let feedersTemplate = """
    {{<layout}}
    {{$body}}
    <p class="crumb">{{#page.isFeeder}}<a href="/office/feeders">Feeders</a>{{/page.isFeeder}}
    {{^page.isFeeder}}<a href="/office/accuracy">Forecasts</a>{{/page.isFeeder}}</p>
    <h1>{{page.title}}</h1>
    {{#page.isEmpty}}<p class="card">No night has been forecast yet.</p>{{/page.isEmpty}}
    {{^page.isEmpty}}
    <p class="lead">{{page.lead}}</p>
    {{#page.note}}<p class="note">{{.}}</p>{{/page.note}}
    <div class="grid two">
    <section class="card"><h2>Units of each day</h2>{{{page.chart}}}
    <ul class="legend"><li><i class="coming"></i>expected, with the range of 8 in 10</li></ul></section>
    <section class="card" aria-labelledby="parts"><h2 id="parts">{{page.part}}s</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="{{page.part}}s">
    <table class="tight fits"><caption>Sums of their services; ranges do not add up, since neighbours are
    only partly wrong alike</caption>
    <thead><tr><th scope="col">{{page.part}}</th><th scope="col" class="number">Services</th>
    <th scope="col" class="number">Units</th><th scope="col" class="number">8 in 10</th>
    <th scope="col" class="number">Peak</th></tr></thead><tbody>
    {{#page.rows}}<tr><th scope="row">{{#.address}}<a href="{{.}}">{{name}}</a>{{/.address}}
    {{^.address}}{{.name}}{{/.address}}</th>
    <td class="number">{{.services}}</td><td class="number">{{.units}}</td>
    <td class="number">{{.range}}</td><td class="number">{{.peak}}</td></tr>{{/page.rows}}
    {{#page.all}}<tr><th scope="row"><b>{{.name}}</b></th>
    <td class="number">{{.services}}</td><td class="number">{{.units}}</td>
    <td class="number">{{.range}}</td><td class="number">{{.peak}}</td></tr>{{/page.all}}
    </tbody></table></div></section>
    </div>
    {{/page.isEmpty}}
    {{/body}}
    {{/layout}}
    """
