/// A bill that can be followed with a pencil: what was measured, what each line is, what is due.
let billTemplate = """
    {{<layout}}
    {{$body}}
    <div class="bill">
    <p class="crumb"><a href="{{page.serviceAddress}}">Service {{page.serviceNumber}}</a></p>
    <div class="head"><h1>Electricity bill</h1>
    {{#page.state}}<span class="tag warm">{{.}}</span>{{/page.state}}</div>
    <p class="lead">{{page.period}}</p>
    {{#page.remarks}}<p class="note">{{.}}</p>{{/page.remarks}}
    <div class="grid two">
    <section class="card" aria-labelledby="pay"><h2 id="pay">{{page.totalLabel}}</h2>
    <p class="big">{{page.total}}</p>
    <dl class="facts">
    {{#page.due}}<div><dt>Pay by</dt><dd>{{.}}</dd></div>{{/page.due}}
    <div><dt>Units used</dt><dd>{{page.units}}</dd></div>
    {{#page.number}}<div><dt>Bill number</dt><dd>{{.}}</dd></div>{{/page.number}}
    {{#page.issued}}<div><dt>Issued</dt><dd>{{.}}</dd></div>{{/page.issued}}
    </dl></section>
    <section class="card" aria-labelledby="party"><h2 id="party">For</h2>
    <p><b>{{page.consumerName}}</b><br>{{page.place}}</p>
    <dl class="facts">
    <div><dt>Consumer</dt><dd>{{page.consumerNumber}}</dd></div>
    <div><dt>Service</dt><dd>{{page.serviceNumber}}</dd></div>
    <div><dt>Category</dt><dd>{{page.category}}</dd></div>
    </dl></section>
    </div>

    <section class="card" aria-labelledby="measured"><h2 id="measured">What was measured</h2>
    {{#page.segments}}
    <h3>Register of meter {{.meter}}</h3>
    <dl class="facts">
    <div><dt>{{.closingAt}}</dt><dd>{{.closing}} {{.closingUnit}}</dd></div>
    <div><dt>{{.openingAt}}</dt><dd>{{.opening}} {{.openingUnit}}</dd></div>
    {{#.multiplier}}<div><dt>Multiplied by</dt><dd>{{.}}</dd></div>{{/.multiplier}}
    <div><dt>Used</dt><dd><b>{{.used}} kWh</b></dd></div>
    </dl>
    {{/page.segments}}
    {{#page.missingDays}}<p class="note">No reading on {{.}}. The registers before and after decide
    what was used; no day was estimated.</p>{{/page.missingDays}}
    </section>

    <section class="card charges" aria-labelledby="charges"><h2 id="charges">What it costs</h2>
    {{#page.lines}}
    <div class="charge">
    <div class="head"><span>{{.label}}</span><b>{{.amount}}</b></div>
    {{#.working}}<p class="quiet small">{{.}}</p>{{/.working}}
    {{#.hasSlabs}}
    <table class="tight"><caption class="hidden">Slabs of {{.label}}</caption>
    <thead><tr><th scope="col">Units</th><th scope="col" class="number">Used</th>
    <th scope="col" class="number">Rate ₹</th><th scope="col" class="number">Amount ₹</th></tr>
    </thead><tbody>
    {{#.slabs}}<tr><th scope="row">{{.span}}</th><td class="number">{{.quantity}}</td>
    <td class="number">{{.rate}}</td><td class="number">{{.amount}}</td></tr>{{/.slabs}}
    </tbody></table>
    {{/.hasSlabs}}
    </div>
    {{/page.lines}}
    <p class="total"><span>{{page.totalLabel}}</span><b>{{page.total}}</b></p>
    </section>

    {{#page.hasNotes}}
    <section class="card" aria-labelledby="notes"><h2 id="notes">Corrections</h2>
    {{#page.notes}}
    <div class="charge"><div class="head"><span>{{.title}}, {{.issued}}</span><b>{{.amount}}</b></div>
    <p class="quiet small">{{.reason}}</p></div>
    {{/page.notes}}
    <p class="total"><span>Bill with its notes</span><b>{{page.standing}}</b></p>
    </section>
    {{/page.hasNotes}}

    <section class="card small" aria-labelledby="proof"><h2 id="proof">How it can be checked</h2>
    <p>Priced by {{page.tariffs}}. The readings, the tariff and every figure in between are kept
    with this bill; their fingerprint (SHA-256) is</p>
    <p class="digest">{{page.digest}}</p>
    {{#page.file}}<p><a href="{{.}}">The bill with its proof (.vbill)</a>, for anyone who wants to
    compute it again.</p>{{/page.file}}
    </section>
    </div>
    {{/body}}
    {{/layout}}
    """
