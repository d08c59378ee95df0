/// A meter's closed day, for staff.
let dayTemplate = """
    {{<layout}}
    {{$body}}
    <p class="crumb"><a href="{{page.meterAddress}}">Meter {{page.meter}}</a></p>
    <h1>{{page.day}}</h1>
    <p class="lead">Meter {{page.meter}}. <a href="{{page.before}}">Day before</a>
    {{#page.after}}· <a href="{{.}}">Day after</a>{{/page.after}}</p>
    {{#page.hints}}<p class="note">{{.}}</p>{{/page.hints}}
    <section class="card day" aria-labelledby="load"><div class="head"><h2 id="load">Blocks</h2>
    <span class="tag">{{page.stage}}</span></div>
    {{{page.svg}}}
    <ul class="legend">{{#page.legend}}<li><i class="block {{.kind}}"></i>{{.words}}</li>{{/page.legend}}</ul>
    <dl class="facts">
    <div><dt>By registers</dt><dd>{{page.energy}}</dd></div>
    {{#page.withoutRegister}}<div><dt>Estimated where no register tells it, never billed as read</dt>
    <dd>{{.}}</dd></div>{{/page.withoutRegister}}
    {{#page.finalBy}}<div><dt>Final by</dt><dd>{{.}}</dd></div>{{/page.finalBy}}
    </dl>
    <details><summary>Every block</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Blocks">
    <table class="tight"><caption class="hidden">Blocks of the day</caption>
    <thead><tr><th scope="col" class="number">Block</th><th scope="col">Time</th>
    <th scope="col" class="number">Wh</th><th scope="col">Quality</th>
    <th scope="col" class="number">Readings</th></tr></thead><tbody>
    {{#page.blocks}}<tr><th scope="row" class="number">{{.number}}</th><td class="time">{{.time}}</td>
    <td class="number">{{.energy}}</td><td><i class="block {{.kind}}"></i> {{.quality}}</td>
    <td class="number">{{.readings}}</td></tr>{{/page.blocks}}
    </tbody></table></div></details>
    </section>
    {{#page.hasExceptions}}
    <section class="card" aria-labelledby="found"><div class="head">
    <h2 id="found">What the rules found</h2><a href="/office/exceptions?meter={{page.meter}}">All of this
    meter</a></div>
    <div class="scroll" tabindex="0" role="region" aria-label="Exceptions">
    <table class="tight"><caption class="hidden">Exceptions of the day</caption><thead><tr>
    <th scope="col">Rule</th><th scope="col">What</th></tr></thead><tbody>
    {{#page.exceptions}}<tr><th scope="row">{{.rule}}
    <span class="tag {{.tagClass}}">{{.severity}}</span></th><td>{{.detail}}
    {{#.settled}}<p class="quiet small">Acknowledged by {{.}}</p>{{/.settled}}</td></tr>
    {{/page.exceptions}}
    </tbody></table></div></section>
    {{/page.hasExceptions}}
    <section class="card" aria-labelledby="versions"><h2 id="versions">Versions</h2>
    <p class="quiet small">The first three are made from the readings{{#page.madeAt}}, here as made
    {{.}}{{/page.madeAt}}; the others are what people did. Nothing is erased: an undo is a version too.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Versions">
    <table><caption class="hidden">Versions, oldest first</caption><thead><tr>
    <th scope="col" class="number">Version</th><th scope="col">Stage</th><th scope="col">What</th>
    <th scope="col">By</th><th scope="col">Why</th></tr></thead><tbody>
    {{#page.versions}}<tr><th scope="row" class="number">{{.number}}</th>
    <td class="time">{{.stage}} {{#.isUndone}}<span class="tag">undone</span>{{/.isUndone}}
    {{#.isLapsed}}<span class="tag alarm">lapsed</span>{{/.isLapsed}}</td>
    <td>{{.what}}</td><td class="time">{{.by}}<br><span class="quiet small">{{.at}}</span></td>
    <td>{{.reason}}</td></tr>{{/page.versions}}
    </tbody></table></div>
    {{#page.mayUndo}}
    <form method="post" action="{{page.address}}/undo" class="search" aria-label="Undo a version">
    {{#page.undoMessage}}<p class="note alarm" role="alert">{{.}}</p>{{/page.undoMessage}}
    <div><label for="version">Undo</label><select id="version" name="version">
    {{#page.undoable}}<option value="{{.value}}">{{.label}}</option>{{/page.undoable}}</select></div>
    <div><label for="undoReason">Reason</label>
    <input type="text" id="undoReason" name="reason" maxlength="500" required></div>
    {{#page.offersUndoLapse}}<div><label><input type="checkbox" name="lapseOthers" value="yes">
    Those may lapse</label></div>{{/page.offersUndoLapse}}
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <button>Undo it</button>
    </form>
    {{/page.mayUndo}}
    </section>
    {{#page.mayEdit}}
    <form class="card" method="post" action="{{page.address}}" aria-labelledby="edit">
    <h2 id="edit">Edit the day</h2>
    <p class="quiet small">Registers decide the energy: it moves only between blocks without a register
    between them. Where none tells anything, any energy can be said.</p>
    {{#page.message}}<p class="note alarm" role="alert">{{.}}</p>{{/page.message}}
    <div class="search">
    <div><label for="kind">What</label><select id="kind" name="kind">
    {{#page.kinds}}<option value="{{.value}}"{{#.isChosen}} selected{{/.isChosen}}>{{.label}}</option>
    {{/page.kinds}}</select></div>
    <div><label for="fromTime">Blocks from</label>
    <input type="time" id="fromTime" name="from" value="{{page.form.from}}" step="{{page.step}}"></div>
    <div><label for="toTime">to <span class="hint">00:00 is the day's end</span></label>
    <input type="time" id="toTime" name="to" value="{{page.form.to}}" step="{{page.step}}"></div>
    <div><label for="method">Method of an estimate</label><select id="method" name="method">
    {{#page.methods}}<option value="{{.value}}"{{#.isChosen}} selected{{/.isChosen}}>{{.label}}</option>
    {{/page.methods}}</select></div>
    <div><label for="energies">Wh of each block, when they are set</label>
    <input type="text" id="energies" name="energies" value="{{page.form.energies}}" maxlength="1200"
    placeholder="120 130 110 90"></div>
    {{#page.hasReadings}}<div><label for="at">Reading, when one is decided about</label>
    <select id="at" name="at"><option value=""></option>
    {{#page.readings}}<option value="{{.value}}"{{#.isChosen}} selected{{/.isChosen}}>{{.label}}</option>
    {{/page.readings}}</select></div>{{/page.hasReadings}}
    </div>
    <label for="editReason">Reason <span class="hint">it is kept with your name</span></label>
    <input type="text" id="editReason" name="reason" value="{{page.form.reason}}" maxlength="500" required>
    {{#page.form.offersLapse}}<label><input type="checkbox" name="lapseOthers" value="yes"> Those versions of
    other days may lapse</label>{{/page.form.offersLapse}}
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <button>Add the version</button>
    </form>
    {{/page.mayEdit}}
    {{/body}}
    {{/layout}}
    """
