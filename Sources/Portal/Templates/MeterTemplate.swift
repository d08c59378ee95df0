/// The meters of the office with the age of their last word.
let metersTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Meters</h1>
    <p class="lead">{{#page.isFiltered}}Those silent for long. <a href="/office/meters">Show
    all</a>{{/page.isFiltered}}{{^page.isFiltered}}In order of serial number.
    <a href="/office/meters?only=silent">Show only silent ones</a>{{/page.isFiltered}}</p>
    <section class="card">
    {{^page.isEmpty}}
    <div class="scroll" tabindex="0" role="region" aria-label="Meters">
    <table><caption class="hidden">Meters in order of serial number</caption>
    <thead><tr><th scope="col">Meter</th><th scope="col">Last word</th>
    <th scope="col">Service</th><th scope="col">Consumer</th>
    <th scope="col" class="number">Register</th></tr></thead><tbody>
    {{#page.rows}}<tr><th scope="row"><a href="{{.address}}">{{.serial}}</a></th>
    <td class="time" title="{{.at}}">{{.age}}
    {{#.isSilent}}<span class="tag alarm">silent</span>{{/.isSilent}}</td>
    <td class="time">{{#.service}}<a href="{{serviceAddress}}">{{.}}</a>{{/.service}}</td>
    <td>{{.consumer}}</td><td class="number">{{.register}}</td></tr>{{/page.rows}}
    </tbody></table></div>
    {{/page.isEmpty}}
    {{#page.isEmpty}}<p>{{#page.isFiltered}}None among the meters looked at.{{/page.isFiltered}}
    {{^page.isFiltered}}No meter is registered.{{/page.isFiltered}}</p>{{/page.isEmpty}}
    {{>pages}}
    </section>
    {{/body}}
    {{/layout}}
    """

/// One meter, for staff.
let meterTemplate = """
    {{<layout}}
    {{$script}}<script src="{{frame.assets.script}}" defer></script>{{/script}}
    {{$body}}
    <p class="crumb"><a href="/office/meters">Meters</a></p>
    <h1>Meter {{page.serial}}</h1>
    <p class="lead">{{#page.service}}At <a href="{{page.serviceAddress}}">service {{.}}</a>,
    {{page.consumer}}{{/page.service}}{{^page.service}}Not installed{{/page.service}}</p>
    <div class="grid two">
    <section class="card" aria-labelledby="now"><h2 id="now">Now</h2>
    <div id="live" data-stream="{{page.stream}}">{{#page}}{{>live}}{{/page}}</div></section>
    {{#page.power}}
    <section class="card"><h2>Power in the last {{.hours}} hours</h2>{{{.svg}}}</section>
    {{/page.power}}
    <section class="card" aria-labelledby="kind"><h2 id="kind">As registered</h2>
    <dl class="facts">
    <div><dt>Register</dt><dd>{{page.digits}}</dd></div>
    <div><dt>Multiplier</dt><dd>{{page.multiplier}}</dd></div>
    <div><dt>Clock</dt><dd>{{page.clock}}</dd></div>
    </dl><p><a href="{{page.yesterday}}">Yesterday, block by block</a> ·
    <a href="/office/exceptions?meter={{page.serial}}">Exceptions</a></p></section>
    </div>
    {{/body}}
    {{/layout}}
    """

/// Runs, newest first, and the form that starts one.
let runsTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Billing runs</h1>
    {{#page.mayRun}}
    <form class="card box" method="post" action="/office/runs">
    <h2>Bill a cycle</h2>
    {{#page.message}}<p class="note alarm" role="alert">{{.}}</p>{{/page.message}}
    <label for="cycle">Cycle <span class="hint">the month its last day falls in</span></label>
    <input type="text" id="cycle" name="cycle" value="{{page.suggestion}}" inputmode="numeric"
    pattern="[0-9]{4}-[0-9]{2}" placeholder="2026-10" maxlength="7" required>
    <p class="hint">{{page.suggestionText}}</p>
    <label class="check"><input type="checkbox" name="issue" value="yes">
    <span>Issue the bills: numbers are given and nothing can be changed afterwards</span></label>
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <button>Start the run</button>
    </form>
    {{/page.mayRun}}
    <section class="card">
    {{^page.isEmpty}}
    <div class="scroll" tabindex="0" role="region" aria-label="Billing runs">
    <table><caption class="hidden">Billing runs, newest first</caption>
    <thead><tr><th scope="col">Cycle</th>
    <th scope="col" class="number">Issued</th><th scope="col" class="number">No bill</th>
    <th scope="col" class="number">Drafts</th><th scope="col" class="number">Were there</th>
    <th scope="col">Started</th></tr></thead><tbody>
    {{#page.rows}}<tr><th scope="row"><a href="{{.address}}">{{.cycle}}</a>
    {{#.isUnfinished}}<span class="tag warm">not finished</span>{{/.isUnfinished}}</th>
    <td class="number">{{.issued}}</td><td class="number">{{.refused}}</td>
    <td class="number">{{.drafted}}</td><td class="number">{{.existing}}</td>
    <td class="time">{{.at}} <span class="quiet">by {{.by}}</span></td></tr>{{/page.rows}}
    </tbody></table></div>
    {{/page.isEmpty}}
    {{#page.isEmpty}}<p>No cycle has been billed yet.</p>{{/page.isEmpty}}
    {{>pages}}
    </section>
    {{/body}}
    {{/layout}}
    """

/// One run with what it did for each service.
let runTemplate = """
    {{<layout}}
    {{$body}}
    <p class="crumb"><a href="/office/runs">Billing runs</a></p>
    <h1>Run of {{page.run.cycle}}</h1>
    <p class="lead">{{page.run.period}}. Started {{page.run.at}} by {{page.run.by}},
    {{page.run.state}}.</p>
    {{#page.run.isUnfinished}}<p class="note">This run did not come to its end. Start the cycle
    again: what is billed stays as it is, and the rest is done.</p>{{/page.run.isUnfinished}}
    <section class="card"><dl class="figures">
    <div><dt>Bills issued</dt><dd>{{page.run.issued}}</dd></div>
    <div><dt>Drafts made</dt><dd>{{page.run.drafted}}</dd></div>
    <div><dt>Held for approval</dt><dd>{{page.run.held}}</dd></div>
    <div><dt>Bills that were there</dt><dd>{{page.run.existing}}</dd></div>
    <div><dt>No bill</dt><dd>{{page.run.refused}}</dd></div>
    <div><dt>Not connected in the cycle</dt><dd>{{page.run.notConnected}}</dd></div>
    </dl><p><a href="{{page.billsAddress}}">The bills of this cycle</a></p></section>
    <section class="card">
    <div class="head"><h2>Service by service</h2>
    <a href="{{page.filterAddress}}">{{#page.isFiltered}}Show all{{/page.isFiltered}}
    {{^page.isFiltered}}Show only those without a bill{{/page.isFiltered}}</a></div>
    {{^page.isEmpty}}
    <div class="scroll" tabindex="0" role="region" aria-label="Outcomes">
    <table><caption class="hidden">Outcomes in order of service number</caption>
    <thead><tr><th scope="col">Service</th><th scope="col">Outcome</th>
    <th scope="col">Reason</th></tr></thead><tbody>
    {{#page.outcomes}}<tr><th scope="row"><a href="{{.serviceAddress}}">{{.service}}</a></th>
    <td class="time">{{#.isRefused}}<span class="tag alarm">{{outcome}}</span>{{/.isRefused}}
    {{^.isRefused}}{{outcome}}{{/.isRefused}}</td><td>{{.reason}}</td></tr>{{/page.outcomes}}
    </tbody></table></div>
    {{/page.isEmpty}}
    {{#page.isEmpty}}<p>None.</p>{{/page.isEmpty}}
    {{>pages}}
    </section>
    {{/body}}
    {{/layout}}
    """

/// Bills of the office, newest first.
let billListTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Bills{{#page.isFiltered}} of {{page.search}}{{/page.isFiltered}}</h1>
    <section class="card">
    {{^page.isEmpty}}
    <div class="scroll" tabindex="0" role="region" aria-label="Bills">
    <table><caption class="hidden">Bills, newest first</caption>
    <thead><tr><th scope="col">Number</th><th scope="col">Service</th><th scope="col">Consumer</th>
    <th scope="col">Cycle</th><th scope="col" class="number">Units</th>
    <th scope="col" class="number">Amount</th><th scope="col">Due</th></tr></thead><tbody>
    {{#page.rows}}<tr><th scope="row"><a href="{{.address}}">{{#.isDraft}}draft{{/.isDraft}}
    {{^.isDraft}}{{number}}{{/.isDraft}}</a></th>
    <td class="time"><a href="{{.serviceAddress}}">{{.service}}</a></td>
    <td>{{.consumer}}</td>
    <td class="time">{{.cycle}}</td><td class="number">{{.units}}</td>
    <td class="number">{{.total}}</td><td class="time">{{.due}}</td></tr>{{/page.rows}}
    </tbody></table></div>
    {{/page.isEmpty}}
    {{#page.isEmpty}}<p>No bill.</p>{{/page.isEmpty}}
    {{>pages}}
    </section>
    {{/body}}
    {{/layout}}
    """

/// The offices an administrator may look into.
let officesTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Offices</h1>
    <p class="lead">Choose the office to work in.</p>
    {{#page.offices}}
    <form class="card head" method="post" action="/admin/offices">
    <div><h2>{{.name}} {{#.isCurrent}}<span class="tag">chosen</span>{{/.isCurrent}}</h2>
    <p class="quiet small">{{.code}} · {{.zone}}</p></div>
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <input type="hidden" name="code" value="{{.code}}">
    <button class="plain">Work here</button>
    </form>
    {{/page.offices}}
    {{#page.isEmpty}}<p class="card">There is no office yet. Add one with
    <code>vidyut office add</code>.</p>{{/page.isEmpty}}
    {{/body}}
    {{/layout}}
    """
