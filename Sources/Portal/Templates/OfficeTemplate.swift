/// The office at a glance.
let overviewTemplate = """
    {{<layout}}
    {{$body}}
    <h1>{{page.office}}</h1>
    <div class="grid two">
    <section class="card" aria-labelledby="meters"><h2 id="meters">Meters</h2>
    <dl class="figures">
    <div><dt>Registered</dt><dd><a href="/office/meters">{{page.meters}}</a></dd></div>
    <div><dt>Silent for long</dt><dd>{{page.silent}}</dd>
    {{#page.scannedNote}}<dd>{{.}}</dd>{{/page.scannedNote}}</div>
    <div><dt>Readings refused</dt><dd><a href="/office/rejections">{{page.refused}}</a></dd></div>
    </dl>
    {{#page.hasSilent}}
    <div class="scroll" tabindex="0" role="region" aria-label="Silent meters">
    <table class="tight"><caption>Meters that have been silent the longest</caption>
    <thead><tr><th scope="col">Meter</th><th scope="col">Service</th>
    <th scope="col">Last word</th></tr></thead><tbody>
    {{#page.silentMeters}}<tr><th scope="row"><a href="{{.address}}">{{.serial}}</a></th>
    <td class="time">{{#.service}}<a href="{{serviceAddress}}">{{.}}</a>{{/.service}}</td>
    <td class="time" title="{{.at}}">{{.age}}</td></tr>{{/page.silentMeters}}
    </tbody></table></div>
    <p><a href="/office/meters?only=silent">All silent meters</a></p>
    {{/page.hasSilent}}
    {{^page.hasSilent}}<p class="status">Every meter has reported lately</p>{{/page.hasSilent}}
    </section>
    <section class="card" aria-labelledby="run"><h2 id="run">Billing</h2>
    <p class="quiet">The last cycle that is over: {{page.cycle}}</p>
    {{#page.run}}
    <dl class="facts">
    <div><dt>Last run</dt><dd><a href="{{.address}}">{{.cycle}}</a></dd></div>
    <div><dt>Started</dt><dd>{{.at}} by {{.by}}</dd></div>
    <div><dt>Bills issued</dt><dd>{{.issued}}</dd></div>
    <div><dt>Drafts made</dt><dd>{{.drafted}}</dd></div>
    <div><dt>Held for approval</dt><dd>{{.held}}</dd></div>
    <div><dt>Bills that were there</dt><dd>{{.existing}}</dd></div>
    <div><dt>No bill</dt>
    <dd>{{#.hasRefused}}<a href="{{address}}?only=refused">{{refused}}</a>{{/.hasRefused}}
    {{^.hasRefused}}0{{/.hasRefused}}</dd></div>
    </dl>
    {{/page.run}}
    {{^page.run}}<p>No cycle has been billed yet.</p>{{/page.run}}
    <p><a href="/office/runs">Bill a cycle</a></p>
    </section>
    {{#page.hasRejections}}
    <section class="card wide" aria-labelledby="refused"><h2 id="refused">Readings refused last</h2>
    {{#page}}{{>rejections}}{{/page}}
    </section>
    {{/page.hasRejections}}
    </div>
    {{/body}}
    {{/layout}}
    """

/// Rows of refused readings.
let rejectionsTemplate = """
    <div class="scroll" tabindex="0" role="region" aria-label="Refused readings">
    <table><caption class="hidden">Refused readings, newest first</caption>
    <thead><tr><th scope="col">Meter</th><th scope="col">Why</th><th scope="col">When</th>
    <th scope="col">Number</th></tr></thead><tbody>
    {{#rejections}}<tr><th scope="row"><a href="{{.meterAddress}}">{{.meter}}</a></th>
    <td><span class="tag alarm">{{.code}}</span> {{.detail}}</td>
    <td class="time">{{.at}} {{.times}}</td><td>{{.sequence}}</td></tr>{{/rejections}}
    </tbody></table></div>
    """

/// Every refused reading that is kept.
let rejectionListTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Readings refused</h1>
    <p class="lead">Each was refused for good, and its meter was told so.</p>
    <section class="card">
    {{^page.isEmpty}}{{#page}}{{>rejections}}{{/page}}{{/page.isEmpty}}
    {{#page.isEmpty}}<p>No reading has been refused.</p>{{/page.isEmpty}}
    </section>
    {{/body}}
    {{/layout}}
    """

/// Where a long list goes on.
let pagesTemplate = """
    <p class="pages">
    {{#page.links.first}}<a href="{{.}}">From the beginning</a>{{/page.links.first}}
    {{#page.links.next}}<a href="{{.}}" rel="next">Next page</a>{{/page.links.next}}
    </p>
    """

/// Consumers, searched by the beginning of their number.
let consumersTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Consumers</h1>
    <form class="search" method="get" action="/office/consumers" role="search">
    <div><label for="number">Number begins with</label>
    <input type="search" id="number" name="number" value="{{page.search}}" maxlength="40"></div>
    <button>Search</button>
    </form>
    <section class="card">
    {{^page.isEmpty}}
    <div class="scroll" tabindex="0" role="region" aria-label="Consumers">
    <table><caption class="hidden">Consumers in order of number</caption>
    <thead><tr><th scope="col">Number</th><th scope="col">Name</th><th scope="col">Address</th>
    <th scope="col">Telephone</th></tr></thead><tbody>
    {{#page.rows}}<tr><th scope="row"><a href="{{.address}}">{{.number}}</a></th>
    <td>{{.name}}</td><td>{{.place}}</td><td>{{.phone}}</td></tr>{{/page.rows}}
    </tbody></table></div>
    {{/page.isEmpty}}
    {{#page.isEmpty}}<p>No consumer {{#page.isFiltered}}with a number that begins with
    {{page.search}} {{/page.isFiltered}}here.</p>{{/page.isEmpty}}
    {{>pages}}
    </section>
    {{/body}}
    {{/layout}}
    """

/// One consumer, for staff.
let consumerTemplate = """
    {{<layout}}
    {{$body}}
    <p class="crumb"><a href="/office/consumers">Consumers</a></p>
    <h1>{{page.consumer.name}}</h1>
    <p class="lead">Consumer {{page.consumer.number}}</p>
    <div class="grid">
    <section class="card" aria-labelledby="contact"><h2 id="contact">Contact</h2>
    <dl class="facts">
    <div><dt>Address</dt><dd>{{page.consumer.place}}</dd></div>
    <div><dt>Telephone</dt><dd>{{page.consumer.phone}}</dd></div>
    <div><dt>E-mail</dt><dd>{{page.email}}</dd></div>
    <div><dt>Language</dt><dd>{{page.language}}</dd></div>
    </dl></section>
    <section class="card" aria-labelledby="services"><h2 id="services">Services</h2>
    {{#page.hasServices}}{{#page}}{{>services}}{{/page}}{{/page.hasServices}}
    {{^page.hasServices}}<p>No service is registered.</p>{{/page.hasServices}}
    </section>
    </div>
    {{/body}}
    {{/layout}}
    """

/// Rows of services.
let servicesTemplate = """
    <div class="scroll" tabindex="0" role="region" aria-label="Services">
    <table><caption class="hidden">Services in order of number</caption>
    <thead><tr><th scope="col">Number</th><th scope="col">Consumer</th>
    <th scope="col">Category</th><th scope="col">Tariff</th><th scope="col" class="number">Load</th>
    <th scope="col">Transformer</th></tr></thead><tbody>
    {{#services}}<tr><th scope="row"><a href="{{.address}}">{{.number}}</a>
    {{#.isClosed}}<span class="tag warm">closed</span>{{/.isClosed}}</th>
    <td><a href="{{.consumerAddress}}">{{.consumer}}</a></td><td>{{.category}}</td>
    <td>{{.tariff}}</td><td class="number">{{.load}}</td><td>{{.transformer}}</td></tr>
    {{/services}}
    </tbody></table></div>
    """

/// The services of the office.
let serviceListTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Services</h1>
    <section class="card">
    {{^page.isEmpty}}{{#page}}{{>services}}{{/page}}{{/page.isEmpty}}
    {{#page.isEmpty}}<p>No service is registered.</p>{{/page.isEmpty}}
    {{>pages}}
    </section>
    {{/body}}
    {{/layout}}
    """
