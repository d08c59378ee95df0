/// The staff's queue of exceptions.
let exceptionsTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Exceptions</h1>
    <p class="lead">What the office's rules found about closed days. Errors want a decision before
    billing, warnings a look; the rest is for the record.</p>
    {{#page.done}}<p class="note" role="status">{{.}}</p>{{/page.done}}
    <form class="search" method="get" action="/office/exceptions" role="search">
    <div><label for="severity">Severity</label><select id="severity" name="severity">
    {{#page.severities}}<option value="{{.value}}"{{#.isChosen}} selected{{/.isChosen}}>{{.label}}</option>
    {{/page.severities}}</select></div>
    <div><label for="rule">Rule</label><select id="rule" name="rule">
    {{#page.rules}}<option value="{{.value}}"{{#.isChosen}} selected{{/.isChosen}}>{{.label}}</option>
    {{/page.rules}}</select></div>
    <div><label for="state">State</label><select id="state" name="state">
    {{#page.states}}<option value="{{.value}}"{{#.isChosen}} selected{{/.isChosen}}>{{.label}}</option>
    {{/page.states}}</select></div>
    <div><label for="meter">Meter</label>
    <input type="search" id="meter" name="meter" value="{{page.filter.meter}}" maxlength="40"></div>
    <div><label for="from">From</label>
    <input type="date" id="from" name="from" value="{{page.filter.from}}"></div>
    <div><label for="to">To</label>
    <input type="date" id="to" name="to" value="{{page.filter.to}}"></div>
    <button>Show</button>
    </form>
    <section class="card" aria-labelledby="kinds">
    <div class="head"><h2 id="kinds">{{page.total}}</h2>
    {{#page.isNarrowed}}<a href="/office/exceptions">Show all that are open</a>{{/page.isNarrowed}}</div>
    {{^page.isEmpty}}
    <div class="scroll" tabindex="0" role="region" aria-label="Exceptions by rule">
    <table class="tight"><caption class="hidden">Exceptions by severity and rule</caption>
    <thead><tr><th scope="col">Rule</th><th scope="col">Severity</th>
    <th scope="col" class="number">Exceptions</th><th scope="col" class="number">Meters</th>
    <th scope="col">Days</th></tr></thead><tbody>
    {{#page.counts}}<tr><th scope="row"><a href="{{.address}}">{{.rule}}</a></th>
    <td class="time"><span class="tag {{.tagClass}}">{{.severity}}</span></td>
    <td class="number">{{.count}}</td><td class="number">{{.meters}}</td>
    <td class="time">{{.span}}</td></tr>{{/page.counts}}
    </tbody></table></div>
    {{/page.isEmpty}}
    {{#page.isEmpty}}<p>Nothing fits.</p>{{/page.isEmpty}}
    </section>
    {{^page.isEmpty}}
    <form class="card" method="post" action="/office/exceptions" aria-labelledby="queue">
    <h2 id="queue">Newest first</h2>
    {{#page.message}}<p class="note alarm" role="alert">{{.}}</p>{{/page.message}}
    <div class="scroll" tabindex="0" role="region" aria-label="Exceptions">
    <table><caption class="hidden">Exceptions, newest day first</caption>
    <thead><tr>{{#page.mayDecide}}<th scope="col"><span class="hidden">Choose</span></th>
    {{/page.mayDecide}}<th scope="col">Day</th><th scope="col">Meter</th><th scope="col">What</th>
    </tr></thead><tbody>
    {{#page.rows}}<tr>{{#page.mayDecide}}<td class="time"><input type="checkbox" name="key-{{place}}"
    value="{{key}}"{{#isTicked}} checked{{/isTicked}}
    aria-label="{{rule}}, {{meter}}, {{day}}"></td>{{/page.mayDecide}}
    <th scope="row"><a href="{{dayAddress}}">{{day}}</a></th>
    <td class="time"><a href="{{meterAddress}}">{{meter}}</a>
    {{#service}}<br><a class="small" href="{{serviceAddress}}">{{.}}</a>{{/service}}</td>
    <td><span class="tag {{tagClass}}">{{severity}}</span> <b>{{rule}}</b>
    <span class="small">{{detail}}</span>
    {{#settled}}<p class="quiet small">Acknowledged by {{.}}</p>{{/settled}}</td></tr>
    {{/page.rows}}
    </tbody></table></div>
    {{#page.mayDecide}}
    {{#page.hidden}}<input type="hidden" name="{{.label}}" value="{{.value}}">{{/page.hidden}}
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <label for="reason">Reason <span class="hint">it is kept with your name</span></label>
    <input type="text" id="reason" name="reason" value="{{page.reason}}" maxlength="500" required>
    {{#page.mayTakeAll}}<label class="check"><input type="checkbox" name="all" value="yes">
    <span>Not only those ticked: all {{page.total}} that fit</span></label>{{/page.mayTakeAll}}
    <button name="action" value="acknowledge">Acknowledge</button>
    <button name="action" value="reopen" class="plain">Open again</button>
    {{/page.mayDecide}}
    {{>pages}}
    </form>
    {{/page.isEmpty}}
    {{/body}}
    {{/layout}}
    """
