/// A consumer sends a register.
let ownReadingTemplate = """
    {{<layout}}
    {{$body}}
    <p class="crumb"><a href="{{page.back}}">Service {{page.number}}</a></p>
    <h1>Send your reading</h1>
    <p class="lead">Meter {{page.meter}}</p>
    <form class="card box" method="post" action="{{page.action}}" enctype="multipart/form-data">
    {{#page.message}}<p class="note alarm" role="alert">{{.}}</p>{{/page.message}}
    <label for="register">Register <span class="hint">kWh, as your meter shows it</span></label>
    <input type="text" class="large" id="register" name="register" value="{{page.register}}"
    inputmode="decimal" autocomplete="off" maxlength="16" required>
    <label for="photo">Photo of the meter <span class="hint">JPEG or PNG, up to
    {{page.photoLimit}}</span></label>
    <input type="file" id="photo" name="photo" accept="image/jpeg,image/png" capture="environment">
    <p class="hint">Register and meter number should be readable. Without a photo the office looks at
    your reading first.</p>
    <details{{#page.day}} open{{/page.day}}><summary>It was not read just now</summary>
    <label for="day">Day</label>
    <input type="date" id="day" name="day" value="{{page.day}}">
    <label for="time">Time</label>
    <input type="time" id="time" name="time" value="{{page.time}}">
    </details>
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <button>Send it</button>
    </form>
    <p><a href="{{page.list}}">Readings so far</a></p>
    {{/body}}
    {{/layout}}
    """

/// Three sources of a register side by side.
let comparisonTemplate = """
    {{<layout}}
    {{$body}}
    <p class="crumb"><a href="{{page.back}}">Service {{page.number}}</a></p>
    <h1>Readings side by side</h1>
    <p class="lead">What the assessor and the consumer read, and what the meter reported itself.</p>
    {{#page.note}}<p class="note{{#.isHeld}} alarm{{/.isHeld}}" role="status">{{.text}}</p>{{/page.note}}
    {{#page.rows}}
    <section class="card"><div class="head"><h2>{{.heading}}</h2>
    <span class="tag{{#.isAlarm}} alarm{{/.isAlarm}}">{{.verdict}}</span></div>
    {{#.sides}}
    <div class="side"><h3>{{.who}} <span class="quiet small">{{.at}}</span></h3>
    <dl class="facts">
    <div><dt>Read</dt><dd>{{.register}} <span class="tag{{#.isHeld}} warm{{/.isHeld}}">{{.state}}</span></dd></div>
    <div><dt>Meter's own</dt><dd>{{.reported}}</dd></div>
    {{#.difference}}<div><dt>Difference</dt><dd>{{.}}</dd></div>{{/.difference}}
    </dl>
    {{#.basis}}<p class="quiet small">Meter's own: {{.}}.</p>{{/.basis}}
    {{#.why}}<p class="note">{{.}}</p>{{/.why}}
    {{#.photo}}<p><a href="{{.}}">Photo of the meter</a></p>{{/.photo}}
    {{#.photoRemoved}}<p class="quiet small">Photo removed on {{.}}</p>{{/.photoRemoved}}
    </div>
    {{/.sides}}
    </section>
    {{/page.rows}}
    {{#page.isEmpty}}<p class="card">Nobody has read this meter yet.</p>{{/page.isEmpty}}
    <p class="quiet small">A register agrees within one unit, and what the meter moved between the two
    reports around it.</p>
    <p><a class="button" href="{{page.send}}">Send a reading</a></p>
    {{/body}}
    {{/layout}}
    """

/// Registers that wait for a person.
let heldTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Readings held</h1>
    <p class="lead">Registers that people read and that do not fit the history of their meter. Another
    person than who entered one decides.</p>
    {{#page.message}}<p class="note alarm" role="alert">{{.}}</p>{{/page.message}}
    {{#page.rows}}
    <section class="card"><div class="head"><h2><a href="{{.serviceAddress}}">{{.service}}</a>
    <span class="quiet small">{{.consumer}}</span></h2><a href="{{.compareAddress}}">side by side</a></div>
    <dl class="facts">
    <div><dt>Register</dt><dd>{{.register}}</dd></div>
    <div><dt>Meter</dt><dd>{{.meter}}</dd></div>
    <div><dt>Read</dt><dd>{{.at}}</dd></div>
    <div><dt>By</dt><dd>{{.by}}</dd></div>
    {{#.note}}<div><dt>Note</dt><dd>{{.}}</dd></div>{{/.note}}
    </dl>
    <ul class="note">{{#.reasons}}<li>{{.}}</li>{{/.reasons}}</ul>
    {{#.isComparison}}<p class="quiet small">This meter reports by itself: accepted, the register is
    compared with its report and not billed, unless you say so.</p>{{/.isComparison}}
    {{#.photo}}<p><a href="{{.}}"><img class="photo" src="{{.}}" alt="Photo of the meter" loading="lazy"></a></p>{{/.photo}}
    {{#.mayDecide}}
    <form method="post" action="{{.action}}">
    <label for="reason-{{.id}}">Reason</label>
    <input type="text" id="reason-{{.id}}" name="reason" maxlength="500" required>
    {{#.isComparison}}<label class="check"><input type="checkbox" name="forBilling" value="yes">
    <span>Bill it in place of the meter's own report</span></label>{{/.isComparison}}
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <button name="decision" value="accept">Accept</button>
    <button class="second" name="decision" value="reject">Reject</button>
    </form>
    {{/.mayDecide}}
    {{#.isOwn}}<p class="hint">You entered it; another person decides.</p>{{/.isOwn}}
    </section>
    {{/page.rows}}
    {{#page.isEmpty}}<p class="card">No register waits.</p>{{/page.isEmpty}}
    {{>pages}}
    {{/body}}
    {{/layout}}
    """
