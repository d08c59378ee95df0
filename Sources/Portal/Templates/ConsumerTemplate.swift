/// A consumer's services at a glance.
let homeTemplate = """
    {{<layout}}
    {{$body}}
    <h1>{{page.name}}</h1>
    <p class="lead">Consumer {{page.number}}</p>
    {{#page.services}}
    <article class="card">
    <div class="head"><h2><a href="{{.address}}">Service {{.number}}</a></h2>
    <span class="tag">{{.category}}</span></div>
    <p class="quiet small">{{.place}}</p>
    <dl class="figures">
    <div><dt>Used in this cycle</dt><dd>{{.used}}</dd><dd>{{.cycle}}</dd></div>
    <div><dt>{{.balanceLabel}}</dt><dd>{{.balance}}</dd></div>
    {{#.lastBill}}
    <div><dt>Last bill</dt><dd><a href="{{.address}}">{{.total}}</a></dd>
    {{#.due}}<dd>due {{.}}</dd>{{/.due}}</div>
    {{/.lastBill}}
    </dl>
    <p class="status {{.statusClass}}">{{.status}}</p>
    </article>
    {{/page.services}}
    {{^page.services}}
    <p class="card">No service is registered in your name yet. Please ask your office.</p>
    {{/page.services}}
    {{#page.more}}<p class="note">{{.}}</p>{{/page.more}}
    {{/body}}
    {{/layout}}
    """

/// The newest values of a meter: a part of the service page, and what the stream sends.
let liveTemplate = """
    {{#live}}
    {{#reading}}
    <p class="big">{{.power}} <small>{{.powerLabel}}</small></p>
    <dl class="figures">
    <div><dt>Voltage</dt><dd>{{.voltage}}</dd></div>
    <div><dt>Current</dt><dd>{{.current}}</dd></div>
    <div><dt>Power factor</dt><dd>{{.powerFactor}}</dd></div>
    <div><dt>Meter register</dt><dd>{{.register}}</dd></div>
    {{#.channels}}<div><dt>{{.label}}</dt><dd>{{.power}}</dd></div>{{/.channels}}
    </dl>
    {{/reading}}
    <p class="status {{.statusClass}}">{{.status}}</p>
    {{/live}}
    """

/// Bars with what they mean and the same figures as a table.
let chartTemplate = """
    <h2>{{.heading}}</h2>
    {{{.svg}}}
    <ul class="legend">
    {{#.hasPartial}}<li><i class="part"></i>{{.partialMeaning}}</li>{{/.hasPartial}}
    {{#.hasGaps}}<li><i class="gap"></i>no reading</li>{{/.hasGaps}}
    </ul>
    {{#.gaps}}<p class="small">Days without a reading: {{.}}. What was used meanwhile shows on the
    day the readings came back; nothing is guessed.</p>{{/.gaps}}
    <details><summary>The figures as a table</summary>
    <table class="tight"><caption>{{.heading}}, in units (kWh)</caption>
    <thead><tr><th scope="col">{{.spanLabel}}</th><th scope="col" class="number">Units</th>
    <th scope="col">Remark</th></tr></thead><tbody>
    {{#.rows}}<tr><th scope="row">{{.name}}</th><td class="number">{{.units}}</td>
    <td>{{.remark}}</td></tr>{{/.rows}}
    </tbody></table></details>
    """

/// One service: now, this cycle, the days, the months and the bills.
let serviceTemplate = """
    {{<layout}}
    {{$script}}<script src="{{frame.assets.script}}" defer></script>{{/script}}
    {{$body}}
    <p class="crumb"><a href="{{page.backAddress}}">{{page.backLabel}}</a></p>
    <div class="head"><h1>Service {{page.number}}</h1>
    <span class="tag">{{page.category}}</span></div>
    <p class="lead">{{page.owner}} · {{page.place}}</p>
    <div class="grid two">
    <section class="card" aria-labelledby="now"><h2 id="now">Now</h2>
    {{#page.hasMeter}}
    <div id="live" data-stream="{{page.stream}}">{{#page}}{{>live}}{{/page}}</div>
    {{/page.hasMeter}}
    {{^page.hasMeter}}<p>No meter is installed at this service.</p>{{/page.hasMeter}}
    </section>
    <section class="card" aria-labelledby="cycle"><h2 id="cycle">This billing cycle</h2>
    <p class="big">{{page.used}} <small>units so far</small></p>
    <dl class="facts">
    <div><dt>Cycle</dt><dd>{{page.cycle}}</dd></div>
    <div><dt>Today is</dt><dd>{{page.cycleDay}}</dd></div>
    <div><dt>{{page.balanceLabel}}</dt><dd>{{page.balance}}</dd></div>
    {{#page.meter}}<div><dt>Meter</dt><dd>{{.}}</dd></div>{{/page.meter}}
    <div><dt>Sanctioned load</dt><dd>{{page.load}}</dd></div>
    </dl>
    {{#page.cycleGaps}}<p class="note">No reading on {{.}}.</p>{{/page.cycleGaps}}
    {{#page.nextBill}}
    <p>The next bill: likely <a href="{{.address}}"><b>{{.likely}}</b></a>{{#.range}}, {{.}} in 8 of
    10 cases{{/.range}}.</p>
    {{#.warning}}<p class="note">{{.}}</p>{{/.warning}}
    {{/page.nextBill}}
    {{#page.hasMeter}}<p class="screen"><a href="{{page.readingAddress}}">Send a reading</a> ·
    <a href="{{page.readingAddress}}s">Readings side by side</a></p>{{/page.hasMeter}}
    </section>
    <section class="card">{{#page.days}}{{>chart}}{{/page.days}}</section>
    <section class="card">{{#page.months}}{{>chart}}{{/page.months}}</section>
    {{#page.power}}
    <section class="card"><h2>Power in the last {{.hours}} hours</h2>{{{.svg}}}</section>
    {{/page.power}}
    <section class="card{{^page.power}} wide{{/page.power}}" aria-labelledby="bills">
    <h2 id="bills">Bills</h2>
    {{#page.hasBills}}{{>bills}}{{/page.hasBills}}
    {{^page.hasBills}}<p>No bill has been issued for this service yet.</p>{{/page.hasBills}}
    </section>
    </div>
    {{/body}}
    {{/layout}}
    """

/// Bills of a service, newest first.
let billsTemplate = """
    <div class="scroll" tabindex="0" role="region" aria-label="Bills">
    <table class="tight"><caption class="hidden">Bills, newest first</caption>
    <thead><tr><th scope="col">Cycle</th><th scope="col" class="number">Units</th>
    <th scope="col" class="number">Amount</th><th scope="col">Due</th></tr></thead><tbody>
    {{#page.bills}}
    <tr><th scope="row"><a href="{{.address}}">{{.cycle}}</a>
    {{#.isDraft}}<span class="tag warm">draft</span>{{/.isDraft}}</th>
    <td class="number">{{.units}}</td><td class="number">{{.total}}</td>
    <td class="time" title="{{.due}}">{{.shortDue}}</td></tr>
    {{/page.bills}}
    </tbody></table></div>
    """
