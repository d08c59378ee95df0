/// An assessor's round: how far it is, where to go next, the sheet.
let roundTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Round of {{page.cycle}}</h1>
    <p class="lead">{{page.period}}{{#page.group}}, group {{.}}{{/page.group}}. {{page.progress}}.</p>
    {{#page.note}}<p class="note{{#.isHeld}} alarm{{/.isHeld}}" role="status">{{.text}}</p>{{/page.note}}
    {{#page.message}}<p class="note{{#page.hasFaults}} alarm{{/page.hasFaults}}" role="status">{{.}}</p>{{/page.message}}
    {{#page.hasFaults}}<ul class="note alarm">{{#page.faults}}<li>{{.}}</li>{{/page.faults}}</ul>
    {{/page.hasFaults}}
    {{#page.early}}<p class="note">{{.}}</p>{{/page.early}}
    {{#page.next}}<p><a class="button" href="{{.}}">Next: service {{page.nextNumber}}</a></p>{{/page.next}}
    {{^page.next}}{{^page.isEmpty}}<p class="status">Every service was visited</p>
    {{/page.isEmpty}}{{/page.next}}
    <section class="card">
    {{#page.rows}}
    <div class="stop"><div class="head"><a href="{{.address}}">{{.number}}</a>
    <span class="tag{{#.isHeld}} alarm{{/.isHeld}}{{#.isOpen}} warm{{/.isOpen}}">{{.state}}</span></div>
    <p>{{.consumer}}</p><p class="quiet small">{{.place}}</p>
    <p class="quiet small">Meter {{.meter}}: {{.last}} on {{.lastAt}}{{#.reports}}; reports by itself{{/.reports}}</p>
    </div>
    {{/page.rows}}
    {{#page.isEmpty}}<p>No service with a meter belongs to this round.</p>{{/page.isEmpty}}
    {{>pages}}
    </section>
    <div class="grid two">
    <section class="card" aria-labelledby="sheet"><h2 id="sheet">The sheet</h2>
    <p><a href="{{page.sheet}}">Download it (CSV)</a>, fill in register_kwh, read_at, outcome and note,
    and send it back. Nothing is kept while a row has a fault; the same again changes nothing.</p>
    <form method="post" action="{{page.upload}}" enctype="multipart/form-data">
    <label for="file">Filled sheet</label>
    <input type="file" id="file" name="file" accept=".csv,text/csv" required>
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <button>Send the sheet</button>
    </form></section>
    <section class="card" aria-labelledby="other"><h2 id="other">Another round</h2>
    <form method="get" action="/office/round">
    <label for="cycle">Cycle <span class="hint">the month its last day falls in</span></label>
    <input type="text" id="cycle" name="cycle" value="{{page.cycleName}}" inputmode="numeric"
    pattern="[0-9]{4}-[0-9]{2}" maxlength="7" required>
    <label for="group">Billing group <span class="hint">empty for the office's own</span></label>
    <input type="text" id="group" name="group" value="{{page.group}}" maxlength="31">
    <button>Show</button>
    </form></section>
    </div>
    {{/body}}
    {{/layout}}
    """

/// One service of a round.
let visitTemplate = """
    {{<layout}}
    {{$body}}
    <p class="crumb"><a href="{{page.back}}">Round</a> · {{page.progress}}</p>
    {{#page.note}}<p class="note{{#.isHeld}} alarm{{/.isHeld}}" role="status">{{.text}}</p>{{/page.note}}
    <div class="head"><h1>{{page.stop.number}}</h1>
    <span class="tag{{#page.stop.isHeld}} alarm{{/page.stop.isHeld}}">{{page.stop.state}}</span></div>
    <p class="lead">{{page.stop.consumer}}<br>{{page.stop.place}}</p>
    <form class="card box" method="post" action="{{page.action}}">
    <dl class="facts">
    <div><dt>Meter</dt><dd>{{page.stop.meter}}</dd></div>
    <div><dt>Last register</dt><dd>{{page.stop.last}}</dd></div>
    <div><dt>Read on</dt><dd>{{page.stop.lastAt}}</dd></div>
    {{#page.stop.expected}}<div><dt>Expected now</dt><dd>{{.}}</dd></div>{{/page.stop.expected}}
    </dl>
    {{#page.stop.reports}}<p class="hint">This meter reports by itself; what you read is compared with
    its report.</p>{{/page.stop.reports}}
    {{#page.before}}<p class="note">{{.}}</p>{{/page.before}}
    {{#page.message}}<p class="note alarm" role="alert">{{.}}</p>{{/page.message}}
    <label for="register">Register <span class="hint">kWh, as the meter shows it</span></label>
    <input type="text" class="large" id="register" name="register" value="{{page.register}}"
    inputmode="decimal" autocomplete="off" maxlength="16" autofocus>
    <fieldset class="choices"><legend>What you found</legend>
    {{#page.choices}}<label class="check"><input type="radio" name="outcome" value="{{.word}}"{{#.isChosen}} checked{{/.isChosen}}>
    <span>{{.words}}</span></label>{{/page.choices}}
    </fieldset>
    <label for="note">Note</label>
    <input type="text" id="note" name="note" value="{{page.remark}}" maxlength="200">
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <button>Save and go on</button>
    </form>
    {{#page.skip}}<p><a href="{{.}}">Leave it for later and go on</a></p>{{/page.skip}}
    {{/body}}
    {{/layout}}
    """
