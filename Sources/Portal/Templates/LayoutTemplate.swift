/// What surrounds every page.
let layoutTemplate = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="format-detection" content="telephone=no">
    <title>{{frame.title}} · {{frame.office}}</title>
    <link rel="icon" type="image/svg+xml" href="{{frame.assets.icon}}">
    <link rel="stylesheet" href="{{frame.assets.style}}">
    {{$script}}{{/script}}
    </head>
    <body>
    <a class="skip" href="#main">Skip to the content</a>
    <header class="top">
    <div class="bar">
    <a class="brand" href="/">{{{frame.assets.mark}}}<span><b>Vidyut</b>
    <small>{{frame.office}}</small></span></a>
    {{#frame.person}}
    <form class="account" method="post" action="/sign-out">
    <span class="name">{{.name}} · {{.role}}</span>
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <button class="plain">Sign out</button>
    </form>
    {{/frame.person}}
    </div>
    {{#frame.hasNavigation}}
    <nav aria-label="Sections"><ul>
    {{#frame.navigation}}
    <li><a href="{{.address}}"{{#.isCurrent}} aria-current="page"{{/.isCurrent}}>{{.label}}</a></li>
    {{/frame.navigation}}
    </ul></nav>
    {{/frame.hasNavigation}}
    </header>
    <main id="main">
    {{$body}}{{/body}}
    </main>
    <footer class="foot">{{frame.office}}{{#frame.zone}}. Times are those of
    {{.}}{{/frame.zone}}.</footer>
    </body>
    </html>
    """

/// Where people say who they are.
let signInTemplate = """
    {{<layout}}
    {{$body}}
    <h1>Sign in</h1>
    <p class="lead">See your meter, your use and your bills.</p>
    <form class="card box" method="post" action="/sign-in">
    {{#page.message}}<p class="note alarm" role="alert">{{.}}</p>{{/page.message}}
    <label for="login">Login name</label>
    <input type="text" id="login" name="login" value="{{page.login}}" autocomplete="username"
    autocapitalize="none" spellcheck="false" maxlength="100" required autofocus>
    <label for="password">Password</label>
    <input type="password" id="password" name="password" autocomplete="current-password"
    maxlength="200" required>
    <input type="hidden" name="formToken" value="{{frame.formToken}}">
    <input type="hidden" name="next" value="{{page.next}}">
    <button>Sign in</button>
    </form>
    <p class="quiet small help">No login yet, or the password is lost? Your office can help: ask at
    the counter with your consumer number.</p>
    {{/body}}
    {{/layout}}
    """

/// A page that only says something: not found, not allowed, something went wrong.
let messageTemplate = """
    {{<layout}}
    {{$body}}
    <h1>{{page.heading}}</h1>
    <p class="lead">{{page.text}}</p>
    {{#page.hasFaults}}
    <ul class="note alarm">
    {{#page.faults}}<li>{{.}}</li>{{/page.faults}}
    </ul>
    {{/page.hasFaults}}
    {{#page.requestID}}
    <p class="quiet small">If you ask the office about it, give this number:
    <span class="digest">{{.}}</span></p>
    {{/page.requestID}}
    <p><a href="{{page.back}}">{{page.backLabel}}</a></p>
    {{/body}}
    {{/layout}}
    """
